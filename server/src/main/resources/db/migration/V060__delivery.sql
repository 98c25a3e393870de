-- A place to deploy to. Its definition is what was applied last; all earlier ones are kept beside it.
CREATE TABLE environment (
    name       text PRIMARY KEY,
    position   int         NOT NULL,
    version    int         NOT NULL,
    definition jsonb       NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text        NOT NULL,
    CONSTRAINT environment_position UNIQUE (position) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE environment_version (
    environment text        NOT NULL REFERENCES environment (name),
    version     int         NOT NULL,
    definition  jsonb       NOT NULL,
    changed_at  timestamptz NOT NULL,
    changed_by  text        NOT NULL,
    PRIMARY KEY (environment, version)
);

-- What became of a run that should have made a release: an immutable set of digests, or the reason
-- why there is none. A service belongs to the project that released it first.
CREATE TABLE release (
    id             uuid PRIMARY KEY,
    project_id     uuid        NOT NULL,
    project        text        NOT NULL,
    service        text,
    version        text        NOT NULL,
    run_id         uuid        NOT NULL UNIQUE,
    run_number     bigint      NOT NULL,
    commit_sha     text        NOT NULL,
    state          text        NOT NULL CHECK (state IN ('published', 'failed')),
    reason         text        NOT NULL,
    definition     jsonb,
    digest         text,
    created_at     timestamptz NOT NULL,
    CHECK ((state = 'published') = (definition IS NOT NULL AND digest IS NOT NULL
                                    AND service IS NOT NULL))
);

CREATE INDEX release_by_project ON release (project_id, run_number DESC);
CREATE INDEX release_by_commit ON release (project_id, commit_sha);
CREATE INDEX release_by_service ON release (service, run_number DESC);

CREATE TABLE release_artifact (
    release_id uuid   NOT NULL REFERENCES release,
    position   int    NOT NULL,
    name       text   NOT NULL,
    digest     text   NOT NULL,
    size       bigint NOT NULL,
    PRIMARY KEY (release_id, position)
);

-- One release on its way to one environment. The columns from `lease_until` on belong to whoever
-- drives it; `fence` grows with each claim, and a driver whose fence is old changes nothing.
CREATE TABLE deployment (
    id                  uuid PRIMARY KEY,
    release_id          uuid        NOT NULL REFERENCES release,
    project_id          uuid        NOT NULL,
    service             text        NOT NULL,
    environment         text        NOT NULL REFERENCES environment (name),
    environment_version int,
    kind                text        NOT NULL CHECK (kind IN ('promotion', 'rollback')),
    state               text        NOT NULL,
    reason              text        NOT NULL,
    outcome             text,
    requested_by        text        NOT NULL,
    requested_by_id     uuid,
    requested_at        timestamptz NOT NULL,
    changed_at          timestamptz NOT NULL,
    switched_at         timestamptz,
    ended_at            timestamptz,
    instance_id         uuid,
    -- What had the traffic before, and where a rollback from here leads.
    previous_id         uuid REFERENCES deployment,
    fallback_id         uuid REFERENCES deployment,
    verdict             jsonb,
    fence               bigint      NOT NULL DEFAULT 0,
    lease_until         timestamptz
);

CREATE INDEX deployment_by_release ON deployment (release_id);
CREATE INDEX deployment_by_place ON deployment (environment, service, requested_at DESC);
CREATE INDEX deployment_open ON deployment (requested_at)
    WHERE state IN ('requested', 'waiting_approval', 'queued', 'starting', 'healthy', 'switched',
                    'verifying', 'rolling_back');
CREATE UNIQUE INDEX deployment_active ON deployment (environment, service)
    WHERE state IN ('starting', 'healthy', 'switched', 'verifying', 'rolling_back');
CREATE UNIQUE INDEX deployment_waiting ON deployment (environment, service, kind)
    WHERE state IN ('requested', 'waiting_approval', 'queued');

-- Every state that a deployment was in, since when, and what the driver had to say about it.
CREATE TABLE deployment_step (
    deployment_id uuid        NOT NULL REFERENCES deployment,
    position      int         NOT NULL,
    state         text        NOT NULL,
    note          text        NOT NULL,
    actor         text        NOT NULL,
    at            timestamptz NOT NULL,
    PRIMARY KEY (deployment_id, position)
);

CREATE TABLE approval (
    deployment_id uuid        NOT NULL REFERENCES deployment,
    user_id       uuid        NOT NULL,
    username      text        NOT NULL,
    printed_name  text        NOT NULL,
    approved      boolean     NOT NULL,
    meaning       text        NOT NULL,
    reason        text        NOT NULL,
    digest        text        NOT NULL,
    decided_at    timestamptz NOT NULL,
    PRIMARY KEY (deployment_id, user_id)
);

-- What has the traffic. A row is written in the transaction that says that the traffic was switched.
CREATE TABLE serving (
    environment   text        NOT NULL REFERENCES environment (name),
    service       text        NOT NULL,
    deployment_id uuid        NOT NULL REFERENCES deployment,
    since         timestamptz NOT NULL,
    PRIMARY KEY (environment, service)
);
