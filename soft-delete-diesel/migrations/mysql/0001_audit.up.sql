CREATE TABLE IF NOT EXISTS soft_delete_audit (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    operation_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    action VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    model VARCHAR(129) NOT NULL,
    record_id TEXT NOT NULL,
    actor LONGTEXT NOT NULL,
    reason LONGTEXT,
    at DATETIME(6) NOT NULL,
    root BOOLEAN NOT NULL,
    INDEX soft_delete_audit_record (model, record_id(255)),
    INDEX soft_delete_audit_operation (operation_id, model, root)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
