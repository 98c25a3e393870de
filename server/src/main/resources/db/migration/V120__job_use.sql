-- What the processes of a job used, as its agent counted it. No row where nobody did.
CREATE TABLE job_use (
    job_id            uuid PRIMARY KEY REFERENCES job,
    memory_peak_bytes bigint,
    cpu_ms            bigint
);
