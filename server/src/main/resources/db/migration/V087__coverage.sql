-- What one report said about how much of the code the tests reach.
CREATE TABLE coverage_report (
    job_id           uuid   NOT NULL REFERENCES job,
    artifact         text   NOT NULL,
    file             text   NOT NULL,
    run_id           uuid   NOT NULL REFERENCES run,
    covered_lines    bigint NOT NULL,
    lines            bigint NOT NULL,
    covered_branches bigint NOT NULL,
    branches         bigint NOT NULL,
    PRIMARY KEY (job_id, artifact, file)
);

CREATE INDEX coverage_report_run ON coverage_report (run_id);
