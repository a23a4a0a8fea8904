"""People who guess, register and recover all the while, each with `keepsake` in a home of their own."""
import json
import os
import subprocess
import threading
import time

WRONG = "wrong lantern 5 grey pebbles"
# Wrong guesses in a row that cost no wait.
MOST_WRONG = 3
# One address may register so often.
NEWCOMER_EVERY = 12
GIVE_UP = 90


class Person:
    def __init__(self, crowd, name, own_code):
        self.crowd, self.name, self.wrong = crowd, name, 0
        self.code = own_code
        self.own = own_code is not None
        self.registered = False

    def keepsake(self, *arguments, typed=""):
        """(its result or its refusal, whether it is a result)"""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("KEEPSAKE_")}
        environment["KEEPSAKE_KEY_STORE"] = "file"
        command = [self.crowd.programs / "keepsake", "--json", "--home", self.crowd.work / "homes" / self.name, *arguments]
        try:
            ran = subprocess.run(command, input=typed + "\n", capture_output=True, text=True, env=environment,
                                 timeout=GIVE_UP, check=False)
            answer = json.loads(ran.stdout)
        except (subprocess.TimeoutExpired, ValueError) as error:
            return {"code": "no_answer", "happened": str(error)}, False
        return (answer, True) if ran.returncode == 0 else (answer["error"], False)

    def register(self):
        enroll = ["vault", "enroll", "--fleet", self.crowd.url] + (["--own-code"] if self.own else [])
        # Enrolling ends with one recovery.
        self.crowd.asked(1)
        answer, done = self.timed("register", enroll, self.code or "")
        if done:
            self.code, self.registered = self.code or answer["code"], True
        elif answer["code"] == "already_enrolled":
            self.registered = self.own
        return self.registered

    def recover(self, dice):
        wrong = self.own and self.wrong < MOST_WRONG and dice.random() < 0.3
        self.crowd.asked(1)
        code = WRONG if wrong else self.code
        answer, done = self.timed("wrong code" if wrong else "right code", ["vault", "drill"], code)
        self.wrong = self.wrong + 1 if wrong else 0 if done else self.wrong
        if wrong and done:
            self.crowd.failures.append(f"{self.name}: a wrong code opened")
        if not wrong and not done and answer["code"] in ("wrong_code", "destroyed", "removed"):
            self.crowd.failures.append(f"{self.name}: the right code is refused: {answer['happened']}")

    def timed(self, what, arguments, typed):
        fault, began = self.crowd.faults.now, time.monotonic()
        answer, done = self.keepsake(*arguments, typed=typed)
        self.crowd.note(fault, what, time.monotonic() - began, "done" if done else answer["code"],
                        "" if done else answer["happened"])
        return answer, done


class Crowd:
    def __init__(self, work, programs, fleet, faults, dice):
        self.work, self.programs, self.url, self.faults, self.dice = work, programs, fleet.url, faults, dice
        self.people, self.notes, self.failures, self.guesses = [], [], [], 0
        self.over = threading.Event()
        self.lock = threading.Lock()
        (work / "homes").mkdir()

    def asked(self, guesses):
        with self.lock:
            self.guesses += guesses

    def note(self, *line):
        with self.lock:
            self.notes.append(line)

    def begin(self, count):
        first = [Person(self, f"person {n}", f"violet harbour {n} tin kettles") for n in range(count)]
        for person in first:
            if not person.register():
                raise SystemExit(f"{person.name} could not register before any fault: {self.notes[-1]}")
            self.people.append(person)
        threads = [threading.Thread(target=self.guess, args=(person, self.dice.random())) for person in first]
        threads.append(threading.Thread(target=self.newcomers))
        for thread in threads:
            thread.start()
        return threads

    def guess(self, person, seed):
        dice = type(self.dice)(seed)
        while not self.over.is_set():
            person.recover(dice)
            self.over.wait(dice.uniform(0.5, 2))

    def newcomers(self):
        number = 0
        while not self.over.wait(NEWCOMER_EVERY):
            number += 1
            person = Person(self, f"newcomer {number}", None)
            if person.register():
                self.people.append(person)
