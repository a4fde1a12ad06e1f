"""When a failed flow runs again. Pure: the engine does the waiting, and nothing here knows how."""

from dataclasses import dataclass

from dalpak.flows.desk import Poison, StepFailed


@dataclass(frozen=True, slots=True)
class FlowLimits:
    """Every bound of the engine, with its unit. Only tests change them."""

    workers: int = 8
    """Flows running at once in this process, and DBOS's threads."""
    step_timeout_s: float = 60.0
    """One attempt of one step, several times a provider's own deadline."""
    first_retry_s: float = 2.0
    longest_retry_s: float = 600.0
    longest_wish_s: float = 3600.0
    """A provider's own Retry-After is heeded so far; past it a try is no burden to anybody."""
    provider_attempts: int = 153
    """With the waits above: 24 hours of a provider's outage (reliability D8)."""
    fault_attempts: int = 6
    """A fault of our own: a minute, enough for a restart beside us, too little to hide a bug."""
    resumes: int = 5
    """How often a flow may outlive its process; the next time it is taken for what killed them."""
    beat_s: float = 5.0
    executor_dead_s: float = 20.0
    """Four beats missed: the process is gone, and its flows are given to another one."""
    reap_calls_s: float = 10.0
    """On top of STALE_CALL_S: how much later than possible a lost call is told."""
    remind_s: float = 30.0
    """How late a reminder may be because nobody looked."""
    tidy_s: float = 3600.0
    keep_done_days: float = 14.0
    """Finished flows are kept for questions, then deleted; Message and Event rows stay."""
    tidy_batch: int = 500
    chore_timeout_s: float = 15.0
    start_timeout_s: float = 30.0
    drain_timeout_s: float = 3.0
    """For flows in flight when the engine stops; what does not end runs after the next start."""
    stop_timeout_s: float = 10.0


def retry_wait_s(failure: Exception, failed: int, limits: FlowLimits) -> float | None:
    """Seconds until the next attempt after `failed` failures (this one is the last of them), or
    None: to the dead letters."""
    match failure:
        case Poison() | StepFailed(cause="poison"):
            return None
        case StepFailed(cause="provider"):
            most = limits.provider_attempts
        case _:
            most = limits.fault_attempts
    if failed >= most:
        return None
    wish_s = failure.retry_after_s if isinstance(failure, StepFailed) else 0.0
    # The exponent is bounded too: 2.0 ** 1100 is an OverflowError, not a long wait.
    ours_s = min(limits.longest_retry_s, limits.first_retry_s * 2.0 ** min(failed - 1, 30))
    return max(ours_s, min(wish_s, limits.longest_wish_s))
