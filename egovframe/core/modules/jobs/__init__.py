"""Jobs: work written with the business transaction and done after it, with retries, schedules and dead letters."""

from egovframe.core.modules.jobs.services import drop_job, enqueue, retry_job

__all__ = ["drop_job", "enqueue", "retry_job"]
