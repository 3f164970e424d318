"""What the warehouse is made of beside the tables of the datasets: schemas, the tables of ops, quarantine and papers, functions.

Every statement may run again, and a warehouse of any former version becomes this one by running them all in order. So a column that came
later is added by a statement of its own, behind the one that makes its table.
"""

from collections.abc import Sequence

from resources.warehouse.quarantine.standing import STANDING

FOUNDATION: Sequence[str] = (
    "create schema if not exists core",
    "create schema if not exists history",
    "create schema if not exists quarantine",
    "create schema if not exists ops",
    "drop schema if exists staging cascade",
    # In a database that an administrator made, only he may do this, and setup does it.
    """do $$ begin
        if exists (select from pg_namespace where nspname = 'public' and pg_has_role(nspowner, 'usage')) then
            revoke all on schema public from public;
        end if; end $$""",
    """create table if not exists ops.schema_version (
        version integer not null, applied_at timestamptz not null default now())""",
    # Capitals and small letters of Unicode by their code points, whatever the server's own language. PostgreSQL has it by itself
    # since 17; older ones take the system's.
    """do $$ begin
        if to_regcollation('ops.letters') is not null then
            null;
        elsif current_setting('server_version_num')::int >= 170000 then
            create collation ops.letters (provider = builtin, locale = 'C.UTF-8');
        else
            create collation ops.letters (provider = libc, locale = 'C.UTF-8');
        end if; end $$""",
    # Folded text for matching only: lower case, no diacritics, single spaces; tone position no longer matters.
    """create or replace function ops.folded(value text) returns text language sql immutable strict parallel safe as $$
        select regexp_replace(translate(lower(regexp_replace(normalize(value collate ops.letters, NFD), '[\u0300-\u036f]', '', 'g')), 'đ', 'd'),
                              '\\s+', ' ', 'g') $$""",
    """create table if not exists quarantine.rows (
        id bigint generated always as identity primary key,
        source text not null, dataset text not null, period text not null, unit_code text not null, row_key text not null,
        received jsonb not null, failures jsonb not null,
        first_seen timestamptz not null, last_seen timestamptz not null, resolved_at timestamptz)""",
    """create unique index if not exists rows_open on quarantine.rows (source, dataset, period, unit_code, row_key)
        where resolved_at is null""",
    """create table if not exists quarantine.remarks (
        id bigint generated always as identity primary key,
        source text not null, dataset text not null, period text not null, unit_code text not null, row_key text not null,
        kind text not null check (kind in ('warning', 'repaired')), rule text not null, "column" text not null,
        message text not null, over_set boolean not null default false,
        first_seen timestamptz not null, last_seen timestamptz not null, resolved_at timestamptz)""",
    """create unique index if not exists remarks_open on quarantine.remarks
        (source, dataset, period, unit_code, row_key, rule, "column") where resolved_at is null""",
    # What was set aside is as it was received, of the systems that nobody else may read too: only the hub itself reads these.
    "alter table quarantine.rows enable row level security",
    "alter table quarantine.remarks enable row level security",
    # The key as the source holds it, hashed there; and the declared key of a row that is named otherwise, since others have it.
    "alter table quarantine.rows add column if not exists source_key bigint, add column if not exists declared_key text",
    # Since version 9: which row of a patch stands for which rejected row of the source (`names`: its id among quarantine.rows) as
    # long as the source sends that row as it was then, and under which key it is held. It is over, never removed.
    """create table if not exists quarantine.answers (
        id bigint generated always as identity primary key,
        source text not null, dataset text not null, period text not null, names bigint not null,
        unit_code text not null, source_key bigint, received_hash text not null,
        pull_id bigint not null, ordinal bigint not null, held_unit text not null, held_key text not null,
        answered_at timestamptz not null, over_at timestamptz)""",
    "create unique index if not exists answers_open on quarantine.answers (names) where over_at is null",
    "create index if not exists answers_of_pull on quarantine.answers (pull_id)",
    "alter table quarantine.answers enable row level security",
    "comment on table quarantine.answers is 'Dòng sửa gửi về thay cho dòng bị loại nào, chừng nào nguồn chưa gửi khác đi'",
    # When a dataset was first and last read from its source, and what stood in the way last time.
    """create table if not exists ops.datasets (
        source text not null, dataset text not null, first_pull_at timestamptz, last_pull_at timestamptz,
        last_success_at timestamptz, last_failure text, primary key (source, dataset))""",
    """create table if not exists ops.cells (
        source text not null, dataset text not null, period text not null, unit_code text not null,
        status text not null check (status in
            ('not_due', 'missing', 'on_time', 'late', 'refused', 'empty_declared', 'initial')),
        last_outcome text, due_at timestamptz, locked_at timestamptz,
        first_received_at timestamptz, last_received_at timestamptz,
        rows_received bigint not null default 0, rows_accepted bigint not null default 0,
        rows_rejected bigint not null default 0, rows_warned bigint not null default 0,
        rows_repaired bigint not null default 0, rows_waiting bigint not null default 0,
        maturity text not null default 'provisional' check (maturity in ('provisional', 'final', 'corrected')),
        expected boolean not null default true, has_mark boolean not null default false, marked_rows bigint,
        changed_at timestamptz, checked_at timestamptz,
        primary key (source, dataset, period, unit_code),
        check (rows_received = rows_accepted + rows_rejected))""",
    # The sums of the keys and contents of its rows, hashed: what an increment is proved by.
    """alter table ops.cells add column if not exists key_sum numeric, add column if not exists content_sum numeric,
        drop column if exists source_digest, drop column if exists source_horizon""",
    # How a cell stood when it was last read by a road (null: it is read again), what judged the rows, and up to where the source's
    # changes are in what is held of it (null: unknown, it is read whole).
    """create table if not exists ops.readings (
        source text not null, dataset text not null, period text not null, unit_code text not null, road text not null,
        stands text, judged_by text, bookmark text, primary key (source, dataset, period, unit_code, road))""",
    # The set rules that its rows were last held against.
    "alter table ops.datasets add column if not exists over_sets text",
    # Since version 5: how many of its rows are dated before its first period.
    "alter table ops.datasets add column if not exists rows_before_first bigint not null default 0",
    # The road by which it was last read.
    "alter table ops.datasets add column if not exists road text",
    """create table if not exists ops.pulls (
        id bigint generated always as identity primary key, run_id text not null,
        source text not null, dataset text not null, period text not null, units text[],
        path text not null, sha256 text not null, rows bigint not null, pulled_at timestamptz not null)""",
    # A whole pull, what changed since the pulls before it, a patch, or a look at a locked period, of which nothing was loaded.
    "alter table ops.pulls add column if not exists kind text not null default 'whole'",
    """alter table ops.pulls drop constraint if exists pulls_kind_check,
        add constraint pulls_kind_check check (kind in ('whole', 'delta', 'patch', 'look'))""",
    # Since version 12: of what was laid of a file that a unit sent, which of them it was.
    "alter table ops.pulls add column if not exists delivery bigint",
    "create index if not exists pulls_newest on ops.pulls (source, dataset, period, id desc)",
    """create table if not exists ops.arrivals (
        id bigint generated always as identity primary key,
        run_id text not null, source text not null, dataset text not null, period text not null, unit_code text not null,
        road text not null, kind text not null,
        received_at timestamptz not null, loaded_at timestamptz not null, content_hash text not null,
        rows_pulled bigint not null, rows_received bigint not null, rows_accepted bigint not null, rows_rejected bigint not null,
        outcome text not null check (outcome in ('accepted', 'refused', 'empty_declared')), reason text, pull_id bigint,
        check (rows_received = rows_accepted + rows_rejected))""",
    # Whether the orchestrator's events tell of it: after a kill in between the next run tells what is left.
    "alter table ops.arrivals add column if not exists shown boolean not null default false",
    # An arrival replaces its cell, replaces and adds by key, or is what changed since the one before.
    """alter table ops.arrivals drop constraint if exists arrivals_kind_check,
        add constraint arrivals_kind_check check (kind in ('whole', 'patch', 'changes'))""",
    # Since version 12: of what came beside the main road, which of the files that units sent it was.
    "alter table ops.arrivals add column if not exists delivery bigint",
    "create index if not exists arrivals_delivery on ops.arrivals (delivery) where delivery is not null",
    "create index if not exists arrivals_unshown on ops.arrivals (source, dataset) where not shown",
    # The last instant, which is asked for every minute, is the latest of this and of the three others that have such an index.
    "create index if not exists arrivals_loaded on ops.arrivals (loaded_at)",
    "create index if not exists arrivals_cell on ops.arrivals (source, dataset, period, unit_code, id desc)",
    """create table if not exists ops.backfills (
        id bigint generated always as identity primary key, run_id text not null,
        requested_at timestamptz not null, requested_by text not null,
        source text not null, dataset text not null, period text not null, unit_code text not null,
        reason text not null, document text, outcome text not null)""",
    "create index if not exists backfills_requested on ops.backfills (requested_at)",
    # A step that is tried again tells once what became of its cells.
    "create unique index if not exists backfills_run on ops.backfills (run_id, source, dataset, period, unit_code)",
    """create table if not exists ops.nights (
        night text primary key, started_at timestamptz not null, ended_at timestamptz, scorecard jsonb)""",
    "alter table ops.nights add column if not exists process text",
    # Since version 6: who said that the hub's clock is right though what was recorded speaks against it, and what was dated back.
    """create table if not exists ops.clock_acts (
        id bigint generated always as identity primary key, accepted_at timestamptz not null, accepted_by text not null,
        reason text not null, last_instant timestamptz, dated_back_by interval, rows bigint not null)""",
    "comment on table ops.clock_acts is 'Ai xác nhận đồng hồ đúng, vì sao, và đã ghi lại ngày cho bao nhiêu dòng'",
    # The instant as of which each row of the open tables is read; what each period of a table was made from; the secret that rounds it.
    """create table if not exists ops.open_instants (
        source text not null, dataset text not null, period text not null, unit_code text not null,
        first_at timestamptz not null, as_of timestamptz not null, looked_at timestamptz not null,
        primary key (source, dataset, period, unit_code), check (first_at <= as_of and as_of <= looked_at))""",
    "create index if not exists open_instants_looked on ops.open_instants (looked_at)",
    """create table if not exists ops.open_parts (
        released text not null, period text not null, made_from text not null, sha256 text not null,
        primary key (released, period))""",
    """create table if not exists ops.open_secret (
        is_one boolean primary key check (is_one), secret_check text not null)""",
    # Since version 12: what was counted of a row at its instant. Of a restricted system too, so only the hub itself reads it.
    """create table if not exists ops.open_figures (
        released text not null, period text not null, unit_code text not null, as_of timestamptz not null,
        counted_by text not null, figures jsonb not null, primary key (released, period, unit_code))""",
    # What the shared warehouse shows of a row of which this one lost what was counted; and what stood before a part was made.
    "alter table ops.open_figures add column if not exists shown jsonb",
    "alter table ops.open_parts add column if not exists before text",
    "alter table ops.open_figures enable row level security",
    "comment on table ops.open_figures is 'Số đã đếm của từng dòng số liệu mở tại thời điểm của nó; chỉ trung tâm đọc được'",
    "comment on table ops.open_instants is 'Thời điểm đọc lịch sử của từng dòng số liệu mở; không có con số nào'",
    # Until version 3 it held the true figures of every edition.
    "drop table if exists ops.open_editions",
    # Since version 5: what stands open in quarantine, by rule. What stood when the table was made is counted into it.
    """do $$ begin
        if to_regclass('ops.standing') is null then
            create table ops.standing (
                source text not null, dataset text not null, kind text not null check (kind in ('rejected', 'warning', 'repaired')),
                rule text not null, "column" text not null, message text not null, rows bigint not null,
                since timestamptz not null, primary key (source, dataset, kind, rule, "column"));
            insert into ops.standing """
    + STANDING.format(where="true")
    + """; end if; end $$""",
    "comment on table ops.standing is 'Số dòng bị loại, cảnh báo, đã sửa còn mở, theo quy tắc'",
    # How long it took until a row was mended is asked each night.
    """create index if not exists rows_resolved on quarantine.rows (source, resolved_at) where resolved_at is not null""",
    """create index if not exists remarks_resolved on quarantine.remarks (source, resolved_at)
        where resolved_at is not null and kind = 'warning'""",
    # The outbox of reports. What its states mean stands in submissions.py.
    """create table if not exists ops.report_submissions (
        form text not null, regime text not null, period text not null,
        window_start date not null, window_end date not null,
        revision integer not null check (revision >= 1),
        replaces text, transaction_id text primary key, payload_hash text not null,
        submitted_at timestamptz, receipt text, status text not null check (status in
            ('draft', 'waiting_approval', 'sent', 'received', 'returned', 'accepted', 'replaced')), reason text,
        maturity text not null check (maturity in ('provisional', 'final', 'correction')),
        due_day date not null, night date,
        payload jsonb not null, figures_hash text not null, inputs jsonb not null, findings jsonb not null,
        composed_at timestamptz not null, composed_by text not null, approved_at timestamptz, approved_by text,
        received_at timestamptz, receipt_detail jsonb, superseded_by text,
        attempts integer not null default 0, next_attempt_at timestamptz, last_error text,
        check (window_start <= window_end),
        check (status <> 'sent' or (approved_at is not null and submitted_at is not null)),
        check (status not in ('received', 'accepted') or receipt is not null),
        unique (form, period, revision))""",
    # At most one revision of a form and night, whoever runs the night and however often.
    """create unique index if not exists report_submissions_night on ops.report_submissions (form, period, night)
        where night is not null""",
    # The receiver knows one chain of a form and period; two revisions on their way at once would fork it.
    """create unique index if not exists report_submissions_open on ops.report_submissions (form, period)
        where status in ('draft', 'waiting_approval', 'sent')""",
    # Since version 4: when the receiver was last asked what became of a revision, and when its answer last changed.
    """alter table ops.report_submissions add column if not exists asked_at timestamptz,
        add column if not exists judged_at timestamptz""",
    # Since version 6: when a backup was made and when one was rehearsed; `fault` is null where all went well.
    """create table if not exists ops.backups (
        id bigint generated always as identity primary key, kind text not null check (kind in ('backup', 'rehearsal')),
        name text not null, at timestamptz not null, fault text)""",
    "comment on table ops.backups is 'Các lần sao lưu và diễn tập khôi phục, và kết quả'",
    # Since version 10: when what is past its term was removed and what that was, by counts alone; from when on each history still
    # answers what was known on a day; and raw files that no register names any more, until they are gone from the disk too.
    """create table if not exists ops.retentions (
        id bigint generated always as identity primary key, began_at timestamptz not null, ended_at timestamptz,
        lines jsonb not null default '[]', faults integer not null default 0)""",
    """create table if not exists ops.history_starts (
        source text not null, dataset text not null, known_from timestamptz not null, versions bigint not null,
        primary key (source, dataset))""",
    """create table if not exists ops.raw_leaving (path text primary key)""",
    "comment on table ops.retentions is 'Các lần dọn dữ liệu quá thời hạn: lúc nào, bỏ bao nhiêu ở đâu; không có giá trị nào'",
    "comment on table ops.history_starts is 'Lịch sử của bộ dữ liệu trả lời trọn vẹn từ lúc nào, sau khi các phiên bản quá thời hạn đã bỏ'",
    "comment on table ops.raw_leaving is 'Bản gốc đã ra khỏi sổ, đang chờ xóa khỏi đĩa'",
    # Since version 7: the dated tables that rules join. What stands there is written by reference.py.
    "create schema if not exists ref",
    # What officers said of it, each in full: `reason` holds these and the words that the figures tell. What waited when they
    # were first kept apart waits with all that was said of it.
    """do $$ begin
        if not exists (select from information_schema.columns
                where table_schema = 'ops' and table_name = 'report_submissions' and column_name = 'reasons') then
            alter table ops.report_submissions add column reasons jsonb not null default '[]';
            update ops.report_submissions set reasons = jsonb_build_array(reason)
                where reason is not null and night is null and receipt is null;
        end if; end $$""",
    # When a form and period was last held against what the hub holds, and up to which backfill.
    """create table if not exists ops.report_looks (
        form text not null, period text not null, looked_on date not null, backfills_seen bigint not null,
        primary key (form, period))""",
    # Since version 6: what is too long for a run's tag, which holds its id.
    """create table if not exists ops.long_texts (
        id text primary key, body text not null, kept_at timestamptz not null default now())""",
    "comment on table ops.long_texts is 'Lời dài và danh sách ô dài của lượt chạy: thẻ của lượt chạy chỉ giữ phần đầu và mã này'",
    # Since version 9: the files that units sent. The file itself and its rows lie in the raw store.
    """create table if not exists ops.deliveries (
        id bigint generated always as identity primary key, source text not null, dataset text not null, sender text not null,
        kind text not null check (kind in ('whole', 'patch')), periods text[] not null check (cardinality(periods) > 0),
        sha256 text not null, path text not null, rows_path text not null, rows_sha256 text not null, rows bigint not null,
        received_at timestamptz not null, loaded_at timestamptz, run_id text, waiting jsonb not null default '{}',
        told_at timestamptz)""",
    # Since version 10: the same file once more is no delivery of its own, but it says that its rows still hold.
    "alter table ops.deliveries add column if not exists repeated_at timestamptz",
    # Since version 12: by what its place on the disk is known, the file in hand of which it was registered or repeated last.
    "alter table ops.deliveries add column if not exists taken_from text",
    # Since version 12: its place among the others, where that is not the one of its number: beneath those that were written after it and
    # taken while it lay there and could not be.
    "alter table ops.deliveries add column if not exists turn numeric",
    # Since version 10: the rows that were not loaded, by the order in which they were read, and why: of a patch, or where a later
    # file came first.
    "alter table ops.deliveries add column if not exists passed_over jsonb not null default '{}'",
    # Since version 11: how many rows of it wait in each locked cell. Until then that stood in `ops.cells.rows_waiting`, where it and
    # what waits at the source hid each other: of these cells the source's is counted anew when they are next read.
    """do $$ begin
        if exists (select from information_schema.columns where table_schema = 'ops' and table_name = 'deliveries'
                and column_name = 'waiting' and data_type = 'ARRAY') then
            alter table ops.deliveries rename column waiting to waited;
            alter table ops.deliveries add column waiting jsonb not null default '{}';
            update ops.deliveries d set waiting = (select jsonb_object_agg(cell, coalesce(nullif(c.rows_waiting, 0), d.rows))
                from unnest(d.waited) as w (cell) left join ops.cells c on c.source = d.source and c.dataset = d.dataset
                    and c.period || '|' || c.unit_code = cell) where cardinality(d.waited) > 0;
            update ops.readings r set stands = null, bookmark = null from ops.deliveries d where r.source = d.source
                and r.dataset = d.dataset and r.period || '|' || r.unit_code = any(d.waited);
            update ops.cells c set rows_waiting = 0 from ops.deliveries d where c.source = d.source
                and c.dataset = d.dataset and c.period || '|' || c.unit_code = any(d.waited);
            alter table ops.deliveries drop column waited;
        end if; end $$""",
    "create index if not exists deliveries_latest on ops.deliveries (source, dataset, sender, id desc)",
    "comment on table ops.deliveries is 'Tệp do đơn vị gửi đã nhận: của bộ dữ liệu nào, ai gửi, nói về kỳ nào, đã nạp chưa; không giữ tên tệp'",
    # What is held of it came in a file beside the main road of its dataset: it stands until the rows of that move.
    "alter table ops.cells add column if not exists came_beside boolean not null default false",
    # Since version 8: who looked for a result paper and why; with a paper and a dossier it is a use, which counts once. No owner is told.
    """create table if not exists ops.paper_uses (
        id bigint generated always as identity primary key, paper_id text, dossier_id text, kind text not null, valid_on date not null,
        used_at timestamptz not null, used_by text not null, reason text not null)""",
    """create unique index if not exists paper_uses_once on ops.paper_uses (paper_id, dossier_id)
        where paper_id is not null and dossier_id is not null""",
    "comment on table ops.paper_uses is 'Ai tra cứu giấy tờ kết quả, vì sao; có mã giấy tờ và mã hồ sơ là một lượt tái sử dụng'",
    "create schema if not exists papers",
    """create or replace view papers.uses as
        select paper_id, dossier_id, used_at from ops.paper_uses where paper_id is not null and dossier_id is not null""",
    "comment on view papers.uses is 'Lượt tái sử dụng giấy tờ kết quả, mỗi giấy tờ một lần trong một hồ sơ'",
    # Since version 8: what the national population database said of whom: a digest of what was asked, by a secret that is not here,
    # and never what came back. An expiry follows the asking, also where a wrong clock's instants are dated again.
    """create table if not exists ops.population_checks (
        digest bytea primary key, outcome text not null check (outcome in
            ('match', 'mismatch', 'unknown', 'unanswered', 'expired')),
        asked_at timestamptz not null, request_id text, kept_days integer not null,
        expires_on date generated always as ((asked_at at time zone 'Asia/Ho_Chi_Minh')::date + kept_days) stored,
        check (outcome not in ('match', 'mismatch', 'unknown') or request_id is not null))""",
    # Each call is here before it is made; it is neither changed nor removed, but for what became of it.
    """create table if not exists ops.population_calls (
        id bigint generated always as identity primary key, transaction_id text not null unique, called_at timestamptz not null,
        purpose text not null, legal_basis text not null, service_code text not null, integration_code text not null,
        unit_code text not null, officer_code text not null, persons integer not null check (persons > 0),
        ended_at timestamptz, outcome text, answered integer)""",
    "create index if not exists population_calls_called on ops.population_calls (called_at)",
    """create table if not exists ops.population_secret (
        is_one boolean primary key check (is_one), secret_check text not null)""",
    "comment on table ops.population_checks is 'Kết quả đối chiếu với CSDLQG về dân cư, theo dấu của điều đã hỏi; không có tên, số, ngày sinh'",
    "comment on table ops.population_calls is 'Mọi lượt hỏi CSDLQG về dân cư: lúc nào, mục đích, căn cứ, ai, bao nhiêu người, kết cục'",
    "comment on table ops.population_secret is 'Dấu của khóa lập dấu đối chiếu dân cư, để không ai dùng khóa khác'",
    # Since version 10: what the operators are told of, and what went to whom. A matter is told once by each channel (`told`), and its
    # end too (`told_over`); a message that was composed keeps its id, by which its receiver knows it again.
    """create table if not exists ops.alerts (
        id bigint generated always as identity primary key, kind text not null, key text not null, words text not null,
        first_seen timestamptz not null, cleared_at timestamptz,
        told text[] not null default '{}', told_over text[] not null default '{}')""",
    "create unique index if not exists alerts_open on ops.alerts (kind, key) where cleared_at is null",
    """create table if not exists ops.alert_messages (
        id text primary key, channel text not null check (channel in ('mail', 'webhook')), subject text not null, body text not null,
        composed_at timestamptz not null, attempts integer not null default 0, next_attempt_at timestamptz,
        sent_at timestamptz, outcome text)""",
    "create index if not exists alert_messages_waiting on ops.alert_messages (channel, composed_at) where sent_at is null",
    "comment on table ops.alerts is 'Việc phải báo cho cán bộ trực: loại, của cái gì, từ lúc nào, đã hết lúc nào; không có dữ liệu cá nhân'",
    "comment on table ops.alert_messages is 'Tin báo cho cán bộ trực: mỗi kênh một dòng, đã gửi lúc nào, hoặc vì sao chưa'",
    # Since version 10: who read personal values, each line sealing the one before. No role changes one, its owner among them: who
    # would has to take away the trigger first, and the seals tell of it.
    """create table if not exists ops.reads (
        line bigint primary key check (line > 0), read_at timestamptz not null, officer text not null, command text not null,
        what text not null, about text, rows bigint, reason text, document text, seal text not null)""",
    """create or replace function ops.refuse_change() returns trigger language plpgsql as $$ begin
        raise insufficient_privilege using message = 'lines are added to ' || tg_table_name || ', none is changed or removed';
        end $$""",
    """create or replace trigger only_added before update or delete or truncate on ops.reads
        for each statement execute function ops.refuse_change()""",
    "revoke update, delete, truncate on ops.reads from public",
    "comment on table ops.reads is 'Ai đã xem hay xuất dữ liệu cá nhân: lúc nào, gì, vì sao; chỉ thêm, mỗi dòng niêm phong dòng trước'",
    # Since version 10: what was done on the word of a person, and by which digests, keyed by a secret that is not here, whoever was
    # erased is known again. `act` names it also in a copy of the hub. Of a correction: which row and field, as digests too.
    """create table if not exists ops.person_acts (
        id bigint generated always as identity primary key, act text not null unique,
        kind text not null check (kind in ('erasure', 'correction')), acted_at timestamptz not null, officer text not null,
        reason text not null, document text, sources text[] not null, done_at timestamptz, counts jsonb not null default '{}',
        dataset text, "column" text, row_digest bytea, value_digest bytea, due_on date)""",
    """create table if not exists ops.person_digests (
        act text not null references ops.person_acts (act), source text not null, tells text not null, digest bytea not null,
        primary key (source, tells, digest, act))""",
    """create table if not exists ops.person_secret (
        is_one boolean primary key check (is_one), secret_check text not null)""",
    "comment on table ops.person_acts is 'Việc xóa, đính chính theo yêu cầu của một người: ai, lúc nào, vì sao, văn bản nào; không có giá trị của người đó'",
    "comment on table ops.person_digests is 'Dấu có khóa của người đã xóa, để dữ liệu của họ không trở lại từ nguồn'",
    "comment on table ops.person_secret is 'Dấu của khóa lập dấu người đã xóa, để không ai dùng khóa khác'",
    "comment on column ops.report_submissions.reasons is 'Lời của người yêu cầu, nguyên văn, chưa kể lời máy sinh'",
    "comment on table ops.report_looks is 'Lần gần nhất mỗi biểu, mỗi kỳ được so với kho, và đã xét đến lượt chạy lại nào'",
    "comment on table ops.report_submissions is 'Hộp thư đi của báo cáo: mỗi dòng là một lần lập của một biểu, một kỳ'",
    "comment on column ops.report_submissions.replaces is 'Mã giao dịch của lần gửi trước bị thay thế'",
    "comment on column ops.report_submissions.reason is 'Lý do điều chỉnh so với lần gửi bị thay thế'",
    "comment on column ops.report_submissions.last_error is 'Vì sao lần gửi gần nhất chưa xong, hoặc vì sao bị trả lại'",
    "comment on column ops.report_submissions.asked_at is 'Lần cuối hỏi nơi nhận về lần gửi này'",
    "comment on column ops.report_submissions.judged_at is 'Lúc điều nơi nhận nói về lần gửi này thay đổi gần nhất'",
    "comment on column ops.report_submissions.findings is 'Đối chiếu giữa các chỉ tiêu chưa khớp: cần xem hoặc thuyết minh'",
    "comment on column ops.report_submissions.inputs is 'Dữ liệu đầu vào tại thời điểm lập, để dựng lại số liệu đã gửi'",
)
