"""How processes are ended, and when they are taken for ended."""

import subprocess

import psutil

from resources import processes


def test_who_has_ended_is_not_waited_for_though_nobody_asks_how() -> None:
    """It keeps its number then, as one whose parent is busy does, or one in a container whose first process asks for none."""
    with subprocess.Popen(["sh", "-c", "sleep 600 & echo $!; exec sleep 600"], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        ended = psutil.Process(int(parent.stdout.readline()))
        processes.end([ended], 3600)
        assert ended.is_running() and not processes.lives(ended)
        processes.end([psutil.Process(parent.pid)], 60)


def test_who_does_not_hear_is_killed() -> None:
    with subprocess.Popen(["sh", "-c", "trap '' TERM; echo deaf; exec sleep 600"], stdout=subprocess.PIPE, text=True) as deaf:
        assert deaf.stdout and deaf.stdout.readline() == "deaf\n"
        process = psutil.Process(deaf.pid)
        processes.end([process], 0.2)
        deaf.wait(60)
        assert not processes.lives(process)
