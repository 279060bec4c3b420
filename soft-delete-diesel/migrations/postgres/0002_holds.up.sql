CREATE TABLE soft_delete_holds (
    id UUID NOT NULL PRIMARY KEY,
    model TEXT,
    record_id TEXT,
    operation_id UUID,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    placed_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ
);
CREATE INDEX soft_delete_holds_record ON soft_delete_holds (model, record_id);
CREATE INDEX soft_delete_holds_operation ON soft_delete_holds (operation_id);
