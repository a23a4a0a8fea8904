"""One function for each kind of fault: it does it, waits, and undoes it."""
import signal
import time

from .fleet import FAKETIME, SITES

STARTS = 3


class Faults:
    def __init__(self, fleet, dice, work, say):
        self.fleet, self.dice, self.work, self.say = fleet, dice, work, say
        # Whom it is on now; the waits of people are told apart by it.
        self.now = "none"
        self.skipped = []
        self.failures = []
        # The site whose disk may be full.
        self.small = SITES[-1]

    def prepare(self):
        self.fleet.kill(self.small)
        if not self.fleet.give_own_disk(self.small):
            self.skipped.append("full disk: this computer lets nobody mount a small disk")
        self.restart(self.small)
        if not FAKETIME.exists():
            self.skipped.append("clock an hour ahead: libfaketime is not installed")

    def kinds(self):
        kinds = [self.killed, self.hung, self.reloaded, self.device_hung, self.device_power_cycled, self.device_loses_answers,
                 self.minority_cut_off, self.majority_cut_off, self.store_set_back]
        kinds += [self.clock_ahead] if FAKETIME.exists() else []
        return kinds + ([self.disk_full] if self.fleet.disks else [])

    def run(self, kind):
        self.now = kind.__name__
        began = time.monotonic()
        kind()
        self.say(f"{self.now.replace('_', ' ')}: {time.monotonic() - began:.1f} s")
        self.now = "none"

    def pause(self, least, most):
        time.sleep(self.dice.uniform(least, most))

    def restart(self, site, **options):
        """As a service manager does: a site whose device does not answer at its start ends, and is started again."""
        if not any(self.fleet.start(site, **options) for _ in range(STARTS)):
            why, words = self.fleet.health(site)["reason"], self.fleet.last_words(site)
            self.failures.append(f"site {site} does not serve after {self.now}: {why}. Its log ends: {words}")

    # --- programs ---

    def killed(self):
        """kill -9, in the middle of whatever it does, several times in a row."""
        for _ in range(3):
            site = self.dice.choice(SITES)
            self.fleet.kill(site)
            self.pause(0, 2)
            self.restart(site)

    def stopped(self, names, least, most):
        for name in names:
            self.fleet.signal(name, signal.SIGSTOP)
        self.pause(least, most)
        for name in names:
            self.fleet.signal(name, signal.SIGCONT)

    def hung(self):
        self.stopped([f"site-{self.dice.choice(SITES)}"], 2, 6)

    def reloaded(self):
        """SIGHUP: whoever does not expect it ends."""
        for _ in range(3):
            self.fleet.script("reload")
            self.pause(0.2, 1)

    # --- networks: to everybody else these sites are as if cut off; connections stand, and nothing comes ---

    def minority_cut_off(self):
        self.stopped([f"site-{site}" for site in self.dice.sample(SITES, 2)], 6, 12)

    def majority_cut_off(self):
        self.stopped([f"site-{site}" for site in self.dice.sample(SITES, 3)], 4, 8)

    # --- devices ---

    def device_hung(self):
        self.stopped([f"hsm-{self.dice.choice(SITES)}"], 4, 10)

    def device_power_cycled(self):
        for site in self.dice.sample(SITES, 2):
            self.fleet.control(site, "power-cycle")
            self.pause(1, 3)

    def device_loses_answers(self):
        for site in self.dice.sample(SITES, 2):
            self.fleet.control(site, self.dice.choice(["drop-answer", "drop-message", "no-device"]), "2")
            self.pause(1, 3)

    # --- clocks and disks ---

    def clock_ahead(self):
        site = self.dice.choice(SITES)
        self.fleet.kill(site)
        self.restart(site, ahead=3600)
        self.pause(8, 12)
        self.fleet.kill(site)
        self.restart(site)

    def disk_full(self):
        self.fleet.fill_disk(self.small)
        self.pause(6, 10)
        self.fleet.free_disk(self.small)

    def store_set_back(self):
        """To what it was some seconds ago: the site must refuse. Then it gets its own state back."""
        site = self.dice.choice(SITES)
        before, after = self.work / "before", self.work / "after"
        self.fleet.kill(site)
        self.fleet.copy_state(site, before)
        self.restart(site)
        self.pause(4, 6)
        self.fleet.kill(site)
        self.fleet.copy_state(site, after)
        self.fleet.put_state(site, before)
        if self.fleet.start(site, seconds=3):
            self.failures.append(f"site {site} serves with a store that was set back")
        else:
            self.say(f"site {site} with its store set back: {self.fleet.health(site)['reason']}")
        self.fleet.kill(site)
        self.fleet.put_state(site, after)
        self.restart(site)
