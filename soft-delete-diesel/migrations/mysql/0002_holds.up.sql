CREATE TABLE IF NOT EXISTS soft_delete_holds (
    id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    model VARCHAR(129),
    record_id TEXT,
    operation_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin,
    reason LONGTEXT NOT NULL,
    actor LONGTEXT NOT NULL,
    placed_at DATETIME(6) NOT NULL,
    ends_at DATETIME(6),
    INDEX soft_delete_holds_record (model, record_id(255)),
    INDEX soft_delete_holds_operation (operation_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
