-- What schema 2 of the library made of three invented cases, one of them of another centre, with a
-- lease and a subscriber's position.
PRAGMA application_id = 1107894307;
PRAGMA user_version = 2;
BEGIN TRANSACTION;
CREATE TABLE case_applicants (
    centre TEXT NOT NULL,
    applicant_key TEXT NOT NULL,
    case_id TEXT NOT NULL,
    PRIMARY KEY (centre, applicant_key, case_id)
) WITHOUT ROWID;
CREATE TABLE case_units (
    centre TEXT NOT NULL,
    unit TEXT NOT NULL,
    case_id TEXT NOT NULL,
    PRIMARY KEY (centre, unit, case_id)
) WITHOUT ROWID;
INSERT INTO "case_units" VALUES('default','孝南区医疗保障局','XN-2');
INSERT INTO "case_units" VALUES('default','孝南区医疗保障局','XN-3');
INSERT INTO "case_units" VALUES('default','孝南区残疾人联合会','XN-2');
INSERT INTO "case_units" VALUES('default','孝南区残疾人联合会','XN-3');
CREATE TABLE cases (
    centre TEXT NOT NULL,
    case_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    result TEXT,
    edition TEXT NOT NULL,
    lead TEXT,
    units TEXT NOT NULL,  -- JSON, in order: case_units finds them
    opened_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    head TEXT NOT NULL,
    calendar_revision TEXT NOT NULL,
    applicant_keys TEXT NOT NULL,  -- JSON, in order: case_applicants finds them
    owed TEXT NOT NULL,  -- JSON: due, case, kind and subject of each obligation
    PRIMARY KEY (centre, case_id)
) WITHOUT ROWID;
INSERT INTO "cases" VALUES('default','XN-2',7,'accepted',NULL,'DB4209/T 32—2023','孝南区残疾人联合会','["孝南区残疾人联合会","孝南区医疗保障局"]',1772380799999999,1772510400000000,'sha256:3687507e8cb3c84d3525f7c9f2a4ad99bc05f9d06c77d1b2cde6f883f5fe7b6a','4ccb260e641f','[]','[[9223372036854775807,"XN-2","appointment",0]]');
INSERT INTO "cases" VALUES('default','XN-3',2,'transferred',NULL,'DB4209/T 32—2023','孝南区残疾人联合会','["孝南区残疾人联合会","孝南区医疗保障局"]',1772413200000000,1772416800000000,'sha256:d88de8c3980793d4ede03facdb196972ab827eeb46b80cbca73496a97edb1370','4ccb260e641f','[]','[[1772553600000000,"XN-3","reply","孝南区残疾人联合会"],[1772553600000000,"XN-3","reply","孝南区医疗保障局"]]');
INSERT INTO "cases" VALUES('north','XN-1',1,'applied',NULL,'DB4209/T 32—2023',NULL,'[]',1772413200000000,1772413200000000,'sha256:6f2bad28eb47bfb8df08d3d973b5b643d29d6afb4ddb94fd915f12a6b4a665ab','4ccb260e641f','[]','[[9223372036854775807,"XN-1","transfer",0]]');
CREATE TABLE claims (
    centre TEXT NOT NULL,
    key TEXT NOT NULL,
    case_id TEXT NOT NULL,
    PRIMARY KEY (centre, key)
) WITHOUT ROWID;
INSERT INTO "claims" VALUES('default','notice:孝南上门转〔2026〕XN-2-1号','XN-2');
INSERT INTO "claims" VALUES('default','notice:孝南上门转〔2026〕XN-2-2号','XN-2');
INSERT INTO "claims" VALUES('default','notice:孝南上门转〔2026〕XN-3-1号','XN-3');
INSERT INTO "claims" VALUES('default','notice:孝南上门转〔2026〕XN-3-2号','XN-3');
CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    centre TEXT NOT NULL,
    case_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    record TEXT NOT NULL,
    command_id TEXT,  -- this and the rest in the first event of each commit
    content TEXT,
    answer TEXT,
    last_version INTEGER,  -- of the commit
    UNIQUE (centre, case_id, version)
);
INSERT INTO "events" VALUES(1,'default','XN-2',1,'{"event":"applied","schema":1,"case":"XN-2","version":1,"at":"2026-03-01T23:59:59.999999+08:00","recorded_at":"2026-03-01T23:59:59.999999+08:00","by":{"role":"integrated_window","name":"柳文静","id":"ZC-01"},"edition":"DB4209/T 32—2023","state":"applied","id":"编号 XN-2 ''é'' % _ \\ 𠮷","applicant":{"name":"𠮷野家 é","phone":"0712-2000301"},"recipient":{"name":"王德福","relation":"父亲"},"address":" 孝南区\n书院街道 ''quoted'' \"双引号\" 100% \\n 🏠 ","ground":"disabled","reason":"𤭢、𪚥：生僻字不得丢失。","items":[{"id":"A.5.2","name":"残疾人证换领"},{"id":"A.9.1","name":"基本医疗保险参保人员医疗费用门诊费用报销"}]}','编号 XN-2 ''é'' % _ \ 𠮷','1e8342c3010ccfc2b75c024fa3b05ccaea7506469e5762408ebad774ef9c1a66','[]',1);
INSERT INTO "events" VALUES(2,'default','XN-2',2,'{"event":"transferred","schema":1,"case":"XN-2","version":2,"at":"2026-03-02T09:00:00.000001+08:00","recorded_at":"2026-03-02T09:00:00.000001+08:00","by":{"role":"integrated_window","name":"柳文静","id":"ZC-01"},"edition":"DB4209/T 32—2023","state":"transferred","previous":"sha256:cf977323288ad6cc331a203e0cb843ae241795b36b76693eb2344d4ccdf24b8d","notices":[{"unit":"孝南区残疾人联合会","role":"lead","number":"孝南上门转〔2026〕XN-2-1号","items":["A.5.2"]},{"unit":"孝南区医疗保障局","role":"assisting","number":"孝南上门转〔2026〕XN-2-2号","items":["A.9.1"]}]}','c6fb29a7185cf721fdbd36bdcd54e2384a6255477ec3df9fa42c0b58dc2b2832','c6fb29a7185cf721fdbd36bdcd54e2384a6255477ec3df9fa42c0b58dc2b2832','[]',2);
INSERT INTO "events" VALUES(3,'default','XN-2',3,'{"event":"accepted","schema":1,"case":"XN-2","version":3,"at":"2026-03-02T15:00:00.500000+08:00","recorded_at":"2026-03-02T15:00:00.500000+08:00","by":{"role":"handling_unit","name":"徐长春","unit":"孝南区医疗保障局"},"edition":"DB4209/T 32—2023","state":"transferred","previous":"sha256:141d826737064a0f54ccb7bf041a3fb3a72a2d474ac6b7a00661a7dae87e463d"}','426885453e74ae61900ebfc0513509b0ab84504db65b7429daf236f13de2f69d','426885453e74ae61900ebfc0513509b0ab84504db65b7429daf236f13de2f69d','[]',3);
INSERT INTO "events" VALUES(4,'default','XN-2',4,'{"event":"accepted","schema":1,"case":"XN-2","version":4,"at":"2026-03-02T10:00:00.123456+08:00","recorded_at":"2026-03-02T15:00:00.500000+08:00","by":{"role":"handling_unit","name":"陈志远","unit":"孝南区残疾人联合会"},"edition":"DB4209/T 32—2023","state":"accepted","previous":"sha256:d2fd322aa5aded1972365fcd80cb2911300b0597169ba55b612f03929db7bfd0"}','46ebc18f52178335e099cc5665468e70970c7ed239e2ce51d55b1cfa44282f55','46ebc18f52178335e099cc5665468e70970c7ed239e2ce51d55b1cfa44282f55','[]',4);
INSERT INTO "events" VALUES(5,'default','XN-2',5,'{"event":"scheduled","schema":1,"case":"XN-2","version":5,"at":"2026-03-02T15:30:00+08:00","recorded_at":"2026-03-02T15:30:00+08:00","by":{"role":"handling_unit","name":"陈志远","unit":"孝南区残疾人联合会"},"edition":"DB4209/T 32—2023","state":"scheduled","previous":"sha256:e731e2906b121f311e51afbf46cc8edb2cde81cfd33f1c2a0883e468ba2a1b9c","start":"2026-03-03T09:00:00+08:00","end":"2026-03-03T10:00:00+08:00","place":"家中","materials":[],"staff":[{"name":"陈志远","unit":"孝南区残疾人联合会"},{"name":"徐长春","unit":"孝南区医疗保障局"}]}','1606192a7160c97d53c5e66f653b76a003356ed93f09fa2939c76a3bb71b7ae2','1606192a7160c97d53c5e66f653b76a003356ed93f09fa2939c76a3bb71b7ae2','[]',5);
INSERT INTO "events" VALUES(6,'default','XN-2',6,'{"event":"visit_failed","schema":1,"case":"XN-2","version":6,"at":"2026-03-03T09:00:59.999999+08:00","recorded_at":"2026-03-03T09:00:59.999999+08:00","by":{"role":"handling_unit","name":"陈志远","unit":"孝南区残疾人联合会"},"edition":"DB4209/T 32—2023","state":"accepted","previous":"sha256:e039749b0fc139600ed57b3a3814b2665c3ee51f57177778c6df072383b7fec2","cause":"staff_absent"}','efd334a21b29093a8d347eb0a6ea1cd11edc785964d91b819193981ca51aff61','efd334a21b29093a8d347eb0a6ea1cd11edc785964d91b819193981ca51aff61','[{"code": "staff_absent", "clause": "7.3", "kind": "arrival", "bearer": "\u5b5d\u5357\u533a\u6b8b\u75be\u4eba\u8054\u5408\u4f1a", "due": "2026-03-03T09:01:00+08:00", "at": "2026-03-03T09:00:59.999999+08:00", "by_seconds": 0, "version": 6}]',6);
INSERT INTO "events" VALUES(7,'default','XN-2',7,'{"event":"corrected","schema":1,"case":"XN-2","version":7,"at":"2026-03-03T12:00:00+08:00","recorded_at":"2026-03-03T12:00:00+08:00","by":{"role":"handling_unit","name":"陈志远","unit":"孝南区残疾人联合会"},"edition":"DB4209/T 32—2023","state":"accepted","previous":"sha256:ec9f32606587e24a66c0560416b8793891b7cddaa2d87dbe683f2f75b8f4dc36","entry":5,"fields":{"end":null,"materials":["残疾人证　原件"]},"reason":"没有约定结束时间。"}','a60bb868ea8ee43789692507e75de3eee530f029399e07db99e1912b4bad5241','a60bb868ea8ee43789692507e75de3eee530f029399e07db99e1912b4bad5241','[]',7);
INSERT INTO "events" VALUES(8,'default','XN-3',1,'{"event":"applied","schema":1,"case":"XN-3","version":1,"at":"2026-03-02T09:00:00+08:00","recorded_at":"2026-03-02T09:00:00+08:00","by":{"role":"integrated_window","name":"柳文静","id":"ZC-01"},"edition":"DB4209/T 32—2023","state":"applied","id":"XN-3:apply","applicant":{"name":"王秀兰","phone":"0712-2000301"},"recipient":{"name":"王德福","relation":"父亲"},"address":"孝南区书院街道槐荫大道118号3栋2单元602室","ground":"disabled","reason":"长期卧床，无法前往政务服务中心。","items":[{"id":"A.5.2","name":"残疾人证换领"},{"id":"A.9.1","name":"基本医疗保险参保人员医疗费用门诊费用报销"}],"evidence":[{"name":"残疾人证复印件","sha256":"0000000000000000000000000000000000000000000000000000000000000000"}]}','XN-3:apply','b6b147ca8490d660f6dedddb31c663e2667a1aa2a44e78d98936817c40ddf424','[]',1);
INSERT INTO "events" VALUES(9,'default','XN-3',2,'{"event":"transferred","schema":1,"case":"XN-3","version":2,"at":"2026-03-02T10:00:00+08:00","recorded_at":"2026-03-02T10:00:00+08:00","by":{"role":"integrated_window","name":"柳文静","id":"ZC-01"},"edition":"DB4209/T 32—2023","state":"transferred","previous":"sha256:6bcf948a555ff5c88baff73fef5d619d1d1c4919de7933f6a4e5a019f5ea0a50","notices":[{"unit":"孝南区残疾人联合会","role":"lead","number":"孝南上门转〔2026〕XN-3-1号","items":["A.5.2"]},{"unit":"孝南区医疗保障局","role":"assisting","number":"孝南上门转〔2026〕XN-3-2号","items":["A.9.1"]}]}','ae17a080a9ae0d37cd81648d9cc3dc92d292cb24bb49f90590bf9d1eddfa6f31','ae17a080a9ae0d37cd81648d9cc3dc92d292cb24bb49f90590bf9d1eddfa6f31','[]',2);
INSERT INTO "events" VALUES(10,'north','XN-1',1,'{"event":"applied","schema":1,"case":"XN-1","version":1,"at":"2026-03-02T09:00:00+08:00","recorded_at":"2026-03-02T09:00:00+08:00","by":{"role":"integrated_window","name":"柳文静","id":"ZC-01"},"edition":"DB4209/T 32—2023","state":"applied","id":"XN-1:apply","applicant":{"name":"王秀兰","phone":"0712-2000301"},"recipient":{"name":"王德福","relation":"父亲"},"address":"孝南区书院街道槐荫大道118号3栋2单元602室","ground":"disabled","reason":"长期卧床，无法前往政务服务中心。","items":[{"id":"A.5.2","name":"残疾人证换领"},{"id":"A.9.1","name":"基本医疗保险参保人员医疗费用门诊费用报销"}],"evidence":[{"name":"残疾人证复印件","sha256":"0000000000000000000000000000000000000000000000000000000000000000"}]}','XN-1:apply','470651425ec5df9647803858f6564e2a3611d77bf7b0073ac0cd328bef7905cf','[]',1);
CREATE TABLE obligations (
    centre TEXT NOT NULL,
    due INTEGER NOT NULL,  -- the greatest number where nothing sets a limit
    case_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject NOT NULL,  -- 0 where there is none: a number sorts before every text
    clause TEXT NOT NULL,
    bearer TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    due_day TEXT,
    status TEXT NOT NULL,
    provisional INTEGER NOT NULL,
    earliest TEXT,
    latest TEXT,
    met_at INTEGER,
    worker TEXT,  -- of the lease, and until when it runs
    until INTEGER,
    PRIMARY KEY (centre, due, case_id, kind, subject)
) WITHOUT ROWID;
INSERT INTO "obligations" VALUES('default',1772553600000000,'XN-3','reply','孝南区医疗保障局','7.2','孝南区医疗保障局',1772416800000000,'2026-03-03','open',0,'2026-03-03','2026-03-03',NULL,'worker 1',1772514000000000);
INSERT INTO "obligations" VALUES('default',1772553600000000,'XN-3','reply','孝南区残疾人联合会','7.2','孝南区残疾人联合会',1772416800000000,'2026-03-03','open',0,'2026-03-03','2026-03-03',NULL,NULL,NULL);
INSERT INTO "obligations" VALUES('default',9223372036854775807,'XN-2','appointment',0,'7.2.1','孝南区残疾人联合会',1772499659999999,NULL,'open',0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "obligations" VALUES('north',9223372036854775807,'XN-1','transfer',0,'7.2','integrated_window',1772413200000000,NULL,'open',0,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE positions (
    centre TEXT NOT NULL,
    subscriber TEXT NOT NULL,
    position TEXT NOT NULL,
    PRIMARY KEY (centre, subscriber)
) WITHOUT ROWID;
INSERT INTO "positions" VALUES('default','s','3');
CREATE UNIQUE INDEX events_by_command ON events (centre, command_id)
    WHERE command_id IS NOT NULL;
CREATE INDEX events_by_centre ON events (centre, position)  -- most files have one centre
    WHERE centre <> 'default';
CREATE INDEX cases_by_state ON cases (centre, state, case_id);
CREATE INDEX cases_by_calendar ON cases (centre, calendar_revision, case_id);
CREATE INDEX obligations_by_bearer ON obligations (centre, bearer, due, case_id, kind, subject);
COMMIT;
