CREATE TABLE soft_delete_holds (
    id TEXT NOT NULL PRIMARY KEY,
    model TEXT,
    record_id TEXT,
    operation_id TEXT,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    placed_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP
);
CREATE INDEX soft_delete_holds_record ON soft_delete_holds (model, record_id);
CREATE INDEX soft_delete_holds_operation ON soft_delete_holds (operation_id);
