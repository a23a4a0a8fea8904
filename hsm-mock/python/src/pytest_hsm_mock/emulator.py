"""Starting and stopping the program."""

import os
import shutil
import socket
import subprocess
import sysconfig


class HsmMockError(Exception):
    """The emulator could not be started, or refused an action."""


def program():
    """Path of the program: ``HSM_MOCK_PROGRAM``, else this package's, else one on the path."""
    named = os.environ.get("HSM_MOCK_PROGRAM")
    if named:
        return named
    installed = shutil.which("hsm-mock", path=sysconfig.get_path("scripts"))
    found = installed or shutil.which("hsm-mock")
    if not found:
        raise HsmMockError("hsm-mock is not installed; name it in HSM_MOCK_PROGRAM")
    return found


class HsmMock:
    """A running MOCK YubiHSM2; a context manager. It ends with this process at the latest.

    ``options`` are those of the program: ``firmware="2.2.0"`` is ``--firmware 2.2.0``, ``fips=True``
    is ``--fips``.
    """

    def __init__(self, **options):
        self._control = f"127.0.0.1:{_free_port()}"
        options = {"listen": "127.0.0.1:0", "control": self._control, **options}
        arguments = [program(), "--print-port", "--exit-with-parent"]
        for name, value in options.items():
            flag = "--" + name.replace("_", "-")
            if value is True:
                arguments.append(flag)
            elif value is not False and value is not None:
                arguments += [flag, str(value)]
        self._scheme = "https" if options.get("tls") or options.get("cert") else "http"
        self._process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        line = self._process.stdout.readline().strip()
        if not line:
            self.close()
            raise HsmMockError("hsm-mock did not start: " + " ".join(arguments))
        #: The connector's port on 127.0.0.1.
        self.port = int(line)

    @property
    def url(self):
        """Where a client connects."""
        return f"{self._scheme}://127.0.0.1:{self.port}"

    def control(self, action):
        """Does something to the device, such as ``power-cycle``; returns the answer.

        ``hsm-mock control --help`` lists the actions.
        """
        command = [program(), "control", "--at", self._control, *action.split()]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise HsmMockError(done.stderr.strip())
        return done.stdout

    def close(self):
        """Stops it. Does nothing if it has stopped."""
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
