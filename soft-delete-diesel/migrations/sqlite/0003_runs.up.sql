CREATE TABLE soft_delete_leases (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    term BIGINT NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
INSERT INTO soft_delete_leases (name, holder, term, expires_at) VALUES ('cleanup', '', 0, '1970-01-01 00:00:00'), ('holds', '', 0, '1970-01-01 00:00:00');
CREATE TABLE soft_delete_runs (
    run_id TEXT NOT NULL,
    model TEXT NOT NULL,
    action TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT,
    state TEXT NOT NULL,
    stopped TEXT,
    error TEXT,
    cutoff TIMESTAMP,
    started_at TIMESTAMP NOT NULL,
    seen_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP,
    expired BIGINT NOT NULL,
    purged BIGINT NOT NULL,
    owned BIGINT NOT NULL,
    held BIGINT NOT NULL,
    blocked BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    batches BIGINT NOT NULL,
    PRIMARY KEY (run_id, model)
);
