CREATE TABLE soft_delete_audit (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    operation_id UUID NOT NULL,
    action TEXT NOT NULL,
    model TEXT NOT NULL,
    record_id TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT,
    at TIMESTAMPTZ NOT NULL,
    root BOOLEAN NOT NULL
);
CREATE INDEX soft_delete_audit_record ON soft_delete_audit (model, record_id);
CREATE INDEX soft_delete_audit_operation ON soft_delete_audit (operation_id, model, root);
