-- What jobs are given: secrets, of which only an encrypted form is here, and variables in clear. A
-- row without a project holds for all of them, one without an environment for every job.
CREATE TABLE secret (
    id          uuid PRIMARY KEY,
    project_id  uuid REFERENCES project,
    environment text,
    name        text        NOT NULL,
    -- Which key opens it: AES-256-GCM over the UTF-8 text, bound to the row's scope and name.
    key_id      text        NOT NULL,
    nonce       bytea       NOT NULL,
    sealed      bytea       NOT NULL,
    set_at      timestamptz NOT NULL,
    set_by      text        NOT NULL
);

CREATE UNIQUE INDEX secret_name ON secret (project_id, environment, name) NULLS NOT DISTINCT;

CREATE TABLE variable (
    id          uuid PRIMARY KEY,
    project_id  uuid REFERENCES project,
    environment text,
    name        text        NOT NULL,
    value       text        NOT NULL,
    set_at      timestamptz NOT NULL,
    set_by      text        NOT NULL
);

CREATE UNIQUE INDEX variable_name ON variable (project_id, environment, name) NULLS NOT DISTINCT;
