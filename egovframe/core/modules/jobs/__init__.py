"""Jobs: work written with the business transaction and done after it, with retries, schedules and dead letters."""

from egovframe.core.modules.jobs.assembly import build_worker
from egovframe.core.modules.jobs.models import QUEUES
from egovframe.core.modules.jobs.queries import dead_jobs, job_counts, schedule_states
from egovframe.core.modules.jobs.runner import Postponed, Settle, UnknownJob, outside
from egovframe.core.modules.jobs.services import drop_job, enqueue, retry_job
from egovframe.core.modules.jobs.worker import Pulse, Worker

__all__ = [
    "QUEUES",
    "Postponed",
    "Pulse",
    "Settle",
    "UnknownJob",
    "Worker",
    "build_worker",
    "dead_jobs",
    "drop_job",
    "enqueue",
    "job_counts",
    "outside",
    "retry_job",
    "schedule_states",
]
