"""The virtual clock: everything the emulator does happens on it, in order.

Inside, a time is a float of virtual seconds since 1970. On the wire a time is shown as *virtual time - (virtual now -
real now)*: for a client, "now" is always its own now, and the ages of things are right however far time was advanced.
"""

import heapq
import itertools
import time

# A whole minute, so that a run does not depend on when it was started.
BEGINNING = 1_800_000_000.0


class Clock:
    def __init__(self, rate=1.0, real=time.time):
        self.real = real
        self.skew = 0.0
        self.rate = rate
        self._now = BEGINNING
        self._read_at = real()
        self._due = []
        self._sequence = itertools.count()

    @property
    def now(self):
        """Virtual now. It moves only in `advance` and `catch_up`: what happens in one request happens at one time."""
        return self._now

    @property
    def wire_now(self):
        """What AWS's clocks say, in the client's time: real now, and wrong by `skew` seconds if that was asked for.

        As of the last `catch_up`, so that all the times of one answer are shifted by the same."""
        return self._read_at + self.skew

    def to_wire(self, virtual):
        return virtual - self._now + self.wire_now

    def from_wire(self, wire):
        return wire - self.wire_now + self._now

    def at(self, moment, action):
        """Calls `action()` when virtual time reaches `moment`; at one moment, first what was asked for first."""
        entry = [max(moment, self._now), next(self._sequence), action]
        heapq.heappush(self._due, entry)
        return entry

    def after(self, seconds, action):
        return self.at(self._now + seconds, action)

    @staticmethod
    def cancel(entry):
        entry[2] = None

    def advance(self, seconds):
        """Moves virtual time on and does everything that falls due on the way before it returns."""
        end = self._now + seconds
        while self._due and self._due[0][0] <= end:
            moment, _, action = heapq.heappop(self._due)
            self._now = max(self._now, moment)
            if action is not None:
                action()
        self._now = end

    def catch_up(self):
        """Lets the real time that passed since the last call pass here too, `rate` times as fast."""
        real = self.real()
        passed, self._read_at = max(0.0, real - self._read_at), real
        self.advance(passed * self.rate)

    def every_minute(self, action):
        """Calls `action()` at every full virtual minute from the next on."""

        def tick():
            action()
            self.at(self._now + 60, tick)

        self.at((self._now // 60 + 1) * 60, tick)


class Process:
    """Something that takes time: a generator that yields the seconds until it wants to go on.

    `interrupt` throws an exception into it, now, instead of waiting any longer."""

    def __init__(self, clock, steps):
        self._clock = clock
        self._steps = steps
        self._wake = None
        self.is_finished = False

    def start(self):
        self._go_on(lambda: next(self._steps))
        return self

    def interrupt(self, reason):
        if self.is_finished:
            return
        Clock.cancel(self._wake)
        # Not from inside whoever interrupts: what it is doing must be done first.
        self._wake = self._clock.after(0, lambda: self._go_on(lambda: self._steps.throw(reason)))

    def stop(self):
        if not self.is_finished:
            self.is_finished = True
            Clock.cancel(self._wake)
            self._steps.close()

    def _go_on(self, step):
        try:
            seconds = step()
        except StopIteration:
            self.is_finished = True
            return
        self._wake = self._clock.after(seconds, lambda: self._go_on(lambda: next(self._steps)))
