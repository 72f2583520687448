-- A journal as version 1 of the schema held it. Never edited: it proves that old files still open.
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
CREATE TABLE conversations (
            id text primary key, title text not null, created_at text not null,
            updated_at text not null, deleted_at text, leaf_id text,
            model_path text not null default '') strict;
CREATE TABLE messages (
            id text primary key,
            conversation_id text not null references conversations(id) on delete cascade,
            parent_id text references messages(id) on delete cascade,
            role text not null, content text not null, created_at text not null,
            deliberation_id text) strict;
CREATE TABLE models (
            path text primary key, name text not null, size_bytes integer not null,
            architecture text not null, quantization text not null, last_used_at text not null,
            sha256 text, crashed integer not null default 0) strict;
CREATE TABLE deliberations (
            id text primary key,
            message_id text references messages(id) on delete cascade,
            strategy text not null, budget text not null, sampling text not null, seed integer,
            model_path text not null, model_sha256 text, load_options text not null,
            started_at text not null, status text not null, verdict text, total_seconds real,
            energy text, error_code text not null default '',
            error_detail text not null default '', promoted integer) strict;
CREATE TABLE candidates (
            deliberation_id text not null references deliberations(id) on delete cascade,
            number integer not null, answer text, answer_key text, tokens integer not null,
            seconds real not null, stop text not null, joules real, record text not null,
            primary key (deliberation_id, number)) strict;
CREATE TABLE drafts (
            deliberation_id text not null references deliberations(id) on delete cascade,
            number integer not null, thought text not null, response text not null,
            tokens integer not null, primary key (deliberation_id, number)) strict;
CREATE VIRTUAL TABLE "messages_fts" USING FTS5 (
    "content",
    tokenize='unicode61',
    content="messages"
);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX messages_by_conversation on messages (conversation_id, created_at);
CREATE INDEX messages_by_parent on messages (parent_id);
CREATE INDEX deliberations_by_message on deliberations (message_id);
CREATE INDEX deliberations_by_model on deliberations (model_path, strategy, status);
CREATE TRIGGER "messages_ai" AFTER INSERT ON "messages" BEGIN
  INSERT INTO "messages_fts" (rowid, "content") VALUES (new.rowid, new."content");
END;
CREATE TRIGGER "messages_ad" AFTER DELETE ON "messages" BEGIN
  INSERT INTO "messages_fts" ("messages_fts", rowid, "content") VALUES('delete', old.rowid, old."content");
END;
CREATE TRIGGER "messages_au" AFTER UPDATE ON "messages" BEGIN
  INSERT INTO "messages_fts" ("messages_fts", rowid, "content") VALUES('delete', old.rowid, old."content");
  INSERT INTO "messages_fts" (rowid, "content") VALUES (new.rowid, new."content");
END;
INSERT INTO "_sqlite_migrations" VALUES(1,'ponder','m001_conversations_and_deliberations','2026-11-23 21:28:39.346993+00:00');
INSERT INTO "candidates" VALUES('d1',0,'4','4',9,1.0,'finished',1.5,'{"index":0,"round":0,"seed":7,"thought":"hm","response":"So 4.","answer":{"text":"4","key":"4","rule":"boxed"},"tokens":9,"thought_tokens":2,"queued_seconds":0.0,"first_token_seconds":0.1,"finished_seconds":1.0,"stop":"finished","confidence":null,"earlier":[]}');
INSERT INTO "candidates" VALUES('d1',1,'4','4',9,1.0,'finished',NULL,'{"index":1,"round":0,"seed":8,"thought":"hm","response":"So 4.","answer":{"text":"4","key":"4","rule":"boxed"},"tokens":9,"thought_tokens":2,"queued_seconds":0.0,"first_token_seconds":0.1,"finished_seconds":1.0,"stop":"finished","confidence":null,"earlier":[]}');
INSERT INTO "conversations" VALUES('c1','Über Äpfel','2026-11-23T21:28:39.361393+00:00','2026-11-01T12:00:00+00:00',NULL,'m2','');
INSERT INTO "deliberations" VALUES('d1','m2','vote','{"samples":2,"rounds":1,"seconds":null,"tokens_per_candidate":null,"thought_tokens":null}','{"temperature":0.8,"top_k":40,"top_p":0.95,"min_p":0.05,"repeat_penalty":1.0,"repeat_window":64,"seed":null}',7,'model.gguf','ab','{"gpu_layers":"auto","main_gpu":0,"tensor_split":[],"flash_attention":"auto","cache_type":"f16","context_tokens":null,"slots":64,"unified_cache":"auto","threads":null}','2026-11-01T12:00:00+00:00','finished','{"outcome":"majority","answer":"4","chosen":0,"tally":{"groups":[{"key":"4","label":"4","candidates":[0,1],"weight":2.0}],"no_answer":[],"settled":0.875,"method":"exact"},"stopped":"budget-spent","saved_attempts":0}',2.5,'{"joules":3.0,"method":"counter","label":"NVML","window":"unknown","integral_joules":null,"idle_watts":null,"mean_watts":null,"peak_watts":null,"peak_to_idle":null,"max_ramp_watts_per_second":null,"surges":null}','','',NULL);
INSERT INTO "messages" VALUES('m1','c1',NULL,'user','How many apples are left?','2026-11-01T12:00:00+00:00',NULL);
INSERT INTO "messages" VALUES('m2','c1','m1','assistant','So **4**.','2026-11-01T12:00:00+00:00','d1');
INSERT INTO "models" VALUES('model.gguf','Model',5,'llama','Q8_0','2026-11-01T12:00:00+00:00','ab',0);
PRAGMA application_id = 1347374660;
PRAGMA user_version = 1;
