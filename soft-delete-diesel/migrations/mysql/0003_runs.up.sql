CREATE TABLE IF NOT EXISTS soft_delete_leases (
    name VARCHAR(32) NOT NULL PRIMARY KEY,
    holder LONGTEXT NOT NULL,
    term BIGINT NOT NULL,
    expires_at DATETIME(6) NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
INSERT IGNORE INTO soft_delete_leases (name, holder, term, expires_at) VALUES ('cleanup', '', 0, '1970-01-01 00:00:00'), ('holds', '', 0, '1970-01-01 00:00:00');
CREATE TABLE IF NOT EXISTS soft_delete_runs (
    run_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    model VARCHAR(129) NOT NULL,
    action VARCHAR(32) NOT NULL,
    actor LONGTEXT NOT NULL,
    reason LONGTEXT,
    state VARCHAR(32) NOT NULL,
    stopped VARCHAR(32),
    error LONGTEXT,
    cutoff DATETIME(6),
    started_at DATETIME(6) NOT NULL,
    seen_at DATETIME(6) NOT NULL,
    finished_at DATETIME(6),
    expired BIGINT NOT NULL,
    purged BIGINT NOT NULL,
    owned BIGINT NOT NULL,
    held BIGINT NOT NULL,
    blocked BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    batches BIGINT NOT NULL,
    PRIMARY KEY (run_id, model)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
