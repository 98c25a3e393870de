-- People, what they are trusted with, and how they and the agents prove who they are. Of every secret
-- only a hash is kept: Argon2id of passwords, SHA-256 of random tokens.

CREATE TABLE app_user (
    id            uuid PRIMARY KEY,
    name          text        NOT NULL UNIQUE,
    full_name     text        NOT NULL,
    email         text        NOT NULL,
    roles         text[]      NOT NULL,
    -- null until the invitation is taken up
    password_hash text,
    active        boolean     NOT NULL DEFAULT true,
    created_at    timestamptz NOT NULL
);

CREATE UNIQUE INDEX app_user_email ON app_user (lower(email));

CREATE TABLE user_session (
    id           uuid PRIMARY KEY,
    token_hash   bytea       NOT NULL UNIQUE,
    user_id      uuid        NOT NULL REFERENCES app_user,
    address      text        NOT NULL,
    browser      text        NOT NULL,
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL
);

CREATE INDEX user_session_user ON user_session (user_id);

CREATE TABLE api_token (
    id           uuid PRIMARY KEY,
    token_hash   bytea       NOT NULL UNIQUE,
    user_id      uuid        NOT NULL REFERENCES app_user,
    name         text        NOT NULL,
    scopes       text[]      NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at   timestamptz
);

CREATE INDEX api_token_user ON api_token (user_id);

CREATE TABLE agent (
    id           uuid PRIMARY KEY,
    token_hash   bytea       NOT NULL UNIQUE,
    name         text        NOT NULL UNIQUE,
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at   timestamptz
);

-- Links that work once: the first administrator's, and invitations (user_id says whose).
CREATE TABLE one_time_link (
    token_hash bytea PRIMARY KEY,
    user_id    uuid REFERENCES app_user,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);

-- Attempts to sign in that have not succeeded (yet); shared by all servers, so that the limits are too.
CREATE TABLE sign_in_attempt (
    id      uuid PRIMARY KEY,
    account text        NOT NULL,
    address text        NOT NULL,
    at      timestamptz NOT NULL
);

CREATE INDEX sign_in_attempt_account ON sign_in_attempt (account, at);
CREATE INDEX sign_in_attempt_address ON sign_in_attempt (address, at);
