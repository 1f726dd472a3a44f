-- What the first version of the library (schema 1) made of three invented cases.
PRAGMA application_id = 1107894307;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE case_units (
    case_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    unit TEXT NOT NULL,
    PRIMARY KEY (case_id, ordinal)
) WITHOUT ROWID;
INSERT INTO "case_units" VALUES('XN-1',1,'孝南区医疗保障局');
INSERT INTO "case_units" VALUES('XN-2',1,'孝南区医疗保障局');
INSERT INTO "case_units" VALUES('XN-3',1,'孝南区医疗保障局');
INSERT INTO "case_units" VALUES('XN-1',0,'孝南区残疾人联合会');
INSERT INTO "case_units" VALUES('XN-2',0,'孝南区残疾人联合会');
INSERT INTO "case_units" VALUES('XN-3',0,'孝南区残疾人联合会');
CREATE TABLE cases (
    case_id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    result TEXT,
    edition TEXT NOT NULL,
    lead TEXT,
    opened_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    calendar_revision TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO "cases" VALUES('XN-1',13,'archived','completed_later','DB4209/T 32—2023','孝南区残疾人联合会',1772413200000000,1773277200000000,'4ccb260e641f');
INSERT INTO "cases" VALUES('XN-2',7,'accepted',NULL,'DB4209/T 32—2023','孝南区残疾人联合会',1772380799999999,1772510400000000,'4ccb260e641f');
INSERT INTO "cases" VALUES('XN-3',2,'transferred',NULL,'DB4209/T 32—2023','孝南区残疾人联合会',1772413200000000,1772416800000000,'4ccb260e641f');
CREATE TABLE claims (
    key TEXT PRIMARY KEY,
    case_id TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO "claims" VALUES('archive:孝南政务2026-XN-1','XN-1');
INSERT INTO "claims" VALUES('notice:孝南上门转〔2026〕XN-1-1号','XN-1');
INSERT INTO "claims" VALUES('notice:孝南上门转〔2026〕XN-1-2号','XN-1');
INSERT INTO "claims" VALUES('notice:孝南上门转〔2026〕XN-2-1号','XN-2');
INSERT INTO "claims" VALUES('notice:孝南上门转〔2026〕XN-2-2号','XN-2');
INSERT INTO "claims" VALUES('notice:孝南上门转〔2026〕XN-3-1号','XN-3');
INSERT INTO "claims" VALUES('notice:孝南上门转〔2026〕XN-3-2号','XN-3');
CREATE TABLE commits (
    command_id TEXT PRIMARY KEY,
    content TEXT NOT NULL,
    case_id TEXT NOT NULL,
    first_version INTEGER NOT NULL,
    last_version INTEGER NOT NULL,
    answer TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO "commits" VALUES('0045244bcb43be4ce4d2d91978e07528a86cb061b2d0202cf1dc5e5ef3c3f20e','0045244bcb43be4ce4d2d91978e07528a86cb061b2d0202cf1dc5e5ef3c3f20e','XN-1',4,4,'[{"code": "late_act", "clause": "7.2", "kind": "reply", "bearer": "\u5b5d\u5357\u533a\u533b\u7597\u4fdd\u969c\u5c40", "due": "2026-03-04T00:00:00+08:00", "at": "2026-03-04T09:00:00+08:00", "by_seconds": 32400, "version": 4}]');
INSERT INTO "commits" VALUES('01f264bf32d2237ea920da4043e1f3c84d2e388f2013acd24769869f6650fa31','01f264bf32d2237ea920da4043e1f3c84d2e388f2013acd24769869f6650fa31','XN-1',9,9,'[]');
INSERT INTO "commits" VALUES('1606192a7160c97d53c5e66f653b76a003356ed93f09fa2939c76a3bb71b7ae2','1606192a7160c97d53c5e66f653b76a003356ed93f09fa2939c76a3bb71b7ae2','XN-2',5,5,'[]');
INSERT INTO "commits" VALUES('3c4dc479825c22c95bf941f0c22b74fc813ac5082c6515b4796a704ce8ebb9f6','3c4dc479825c22c95bf941f0c22b74fc813ac5082c6515b4796a704ce8ebb9f6','XN-1',8,8,'[]');
INSERT INTO "commits" VALUES('426885453e74ae61900ebfc0513509b0ab84504db65b7429daf236f13de2f69d','426885453e74ae61900ebfc0513509b0ab84504db65b7429daf236f13de2f69d','XN-2',3,3,'[]');
INSERT INTO "commits" VALUES('46ebc18f52178335e099cc5665468e70970c7ed239e2ce51d55b1cfa44282f55','46ebc18f52178335e099cc5665468e70970c7ed239e2ce51d55b1cfa44282f55','XN-2',4,4,'[]');
INSERT INTO "commits" VALUES('5b9a81fe96f3946beff61ccf02cdb17b23efc0f18fd75021aa820c435bb4e6f0','5b9a81fe96f3946beff61ccf02cdb17b23efc0f18fd75021aa820c435bb4e6f0','XN-1',13,13,'[]');
INSERT INTO "commits" VALUES('65237e77fc8064b04175519079439977a71cb1d79ac012af22b82e1eebcf760b','65237e77fc8064b04175519079439977a71cb1d79ac012af22b82e1eebcf760b','XN-1',2,2,'[]');
INSERT INTO "commits" VALUES('8e64e3798a50ffae87e7e457213618d1ad0e641e63cc92b046f7238ad592d4dc','8e64e3798a50ffae87e7e457213618d1ad0e641e63cc92b046f7238ad592d4dc','XN-1',5,5,'[]');
INSERT INTO "commits" VALUES('XN-1:apply','470651425ec5df9647803858f6564e2a3611d77bf7b0073ac0cd328bef7905cf','XN-1',1,1,'[]');
INSERT INTO "commits" VALUES('XN-3:apply','b6b147ca8490d660f6dedddb31c663e2667a1aa2a44e78d98936817c40ddf424','XN-3',1,1,'[]');
INSERT INTO "commits" VALUES('a60bb868ea8ee43789692507e75de3eee530f029399e07db99e1912b4bad5241','a60bb868ea8ee43789692507e75de3eee530f029399e07db99e1912b4bad5241','XN-2',7,7,'[]');
INSERT INTO "commits" VALUES('a7d1bec0bf6855e41aad36ff1d346471c02f9a7d1bae773b94329b0690d6d8a0','a7d1bec0bf6855e41aad36ff1d346471c02f9a7d1bae773b94329b0690d6d8a0','XN-1',3,3,'[]');
INSERT INTO "commits" VALUES('adb2da0f016cd5d18f3d08cfae9c11e8694cad5b622b839411fbb0b38340275e','adb2da0f016cd5d18f3d08cfae9c11e8694cad5b622b839411fbb0b38340275e','XN-1',10,10,'[]');
INSERT INTO "commits" VALUES('ae17a080a9ae0d37cd81648d9cc3dc92d292cb24bb49f90590bf9d1eddfa6f31','ae17a080a9ae0d37cd81648d9cc3dc92d292cb24bb49f90590bf9d1eddfa6f31','XN-3',2,2,'[]');
INSERT INTO "commits" VALUES('b32559cbcee7d7caa3dd1283187efc7eb61482554c66e47ab8b8867e040f6d2a','b32559cbcee7d7caa3dd1283187efc7eb61482554c66e47ab8b8867e040f6d2a','XN-1',6,6,'[{"code": "late_arrival", "clause": "7.3", "kind": "arrival", "bearer": "\u5b5d\u5357\u533a\u6b8b\u75be\u4eba\u8054\u5408\u4f1a", "due": "2026-03-05T09:31:00+08:00", "at": "2026-03-05T09:40:00+08:00", "by_seconds": 540, "version": 6}]');
INSERT INTO "commits" VALUES('bc8dbe813d843e317a83b47a7fa313375d14dbcbccf20f9a9cdbab7f0649a79d','bc8dbe813d843e317a83b47a7fa313375d14dbcbccf20f9a9cdbab7f0649a79d','XN-1',12,12,'[]');
INSERT INTO "commits" VALUES('c6fb29a7185cf721fdbd36bdcd54e2384a6255477ec3df9fa42c0b58dc2b2832','c6fb29a7185cf721fdbd36bdcd54e2384a6255477ec3df9fa42c0b58dc2b2832','XN-2',2,2,'[]');
INSERT INTO "commits" VALUES('d61fadc4c23a195a015013f54e3959ad3e6d9f9b857cc00ce14764a187c46c25','d61fadc4c23a195a015013f54e3959ad3e6d9f9b857cc00ce14764a187c46c25','XN-1',7,7,'[]');
INSERT INTO "commits" VALUES('efd334a21b29093a8d347eb0a6ea1cd11edc785964d91b819193981ca51aff61','efd334a21b29093a8d347eb0a6ea1cd11edc785964d91b819193981ca51aff61','XN-2',6,6,'[{"code": "staff_absent", "clause": "7.3", "kind": "arrival", "bearer": "\u5b5d\u5357\u533a\u6b8b\u75be\u4eba\u8054\u5408\u4f1a", "due": "2026-03-03T09:01:00+08:00", "at": "2026-03-03T09:00:59.999999+08:00", "by_seconds": 0, "version": 6}]');
INSERT INTO "commits" VALUES('ffa25fd059dbfa336bfb50b6a862147a3ce44e08358f75b9f47a2fae7ade6d5b','ffa25fd059dbfa336bfb50b6a862147a3ce44e08358f75b9f47a2fae7ade6d5b','XN-1',11,11,'[{"code": "late_arrival", "clause": "7.3", "kind": "arrival", "bearer": "\u5b5d\u5357\u533a\u6b8b\u75be\u4eba\u8054\u5408\u4f1a", "due": "2026-03-05T09:31:00+08:00", "at": "2026-03-05T09:35:00+08:00", "by_seconds": 240, "version": 6}]');
INSERT INTO "commits" VALUES('编号 XN-2 ''é'' % _ \ 𠮷','1e8342c3010ccfc2b75c024fa3b05ccaea7506469e5762408ebad774ef9c1a66','XN-2',1,1,'[]');
CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    record TEXT NOT NULL,
    UNIQUE (case_id, version)
);
INSERT INTO "events" VALUES(1,'XN-1',1,'{"event":"applied","schema":1,"case":"XN-1","version":1,"at":"2026-03-02T09:00:00+08:00","recorded_at":"2026-03-02T09:00:00+08:00","by":{"role":"integrated_window","name":"柳文静","id":"ZC-01"},"edition":"DB4209/T 32—2023","state":"applied","id":"XN-1:apply","applicant":{"name":"王秀兰","phone":"0712-2000301"},"recipient":{"name":"王德福","relation":"父亲"},"address":"孝南区书院街道槐荫大道118号3栋2单元602室","ground":"disabled","reason":"长期卧床，无法前往政务服务中心。","items":[{"id":"A.5.2","name":"残疾人证换领"},{"id":"A.9.1","name":"基本医疗保险参保人员医疗费用门诊费用报销"}],"evidence":[{"name":"残疾人证复印件","sha256":"0000000000000000000000000000000000000000000000000000000000000000"}]}');
INSERT INTO "events" VALUES(2,'XN-2',1,'{"event":"applied","schema":1,"case":"XN-2","version":1,"at":"2026-03-01T23:59:59.999999+08:00","recorded_at":"2026-03-01T23:59:59.999999+08:00","by":{"role":"integrated_window","name":"柳文静","id":"ZC-01"},"edition":"DB4209/T 32—2023","state":"applied","id":"编号 XN-2 ''é'' % _ \\ 𠮷","applicant":{"name":"𠮷野家 é","phone":"0712-2000301"},"recipient":{"name":"王德福","relation":"父亲"},"address":" 孝南区\n书院街道 ''quoted'' \"双引号\" 100% \\n 🏠 ","ground":"disabled","reason":"𤭢、𪚥：生僻字不得丢失。","items":[{"id":"A.5.2","name":"残疾人证换领"},{"id":"A.9.1","name":"基本医疗保险参保人员医疗费用门诊费用报销"}]}');
INSERT INTO "events" VALUES(3,'XN-1',2,'{"event":"transferred","schema":1,"case":"XN-1","version":2,"at":"2026-03-02T10:00:00+08:00","recorded_at":"2026-03-02T10:00:00+08:00","by":{"role":"integrated_window","name":"柳文静","id":"ZC-01"},"edition":"DB4209/T 32—2023","state":"transferred","notices":[{"unit":"孝南区残疾人联合会","role":"lead","number":"孝南上门转〔2026〕XN-1-1号","items":["A.5.2"]},{"unit":"孝南区医疗保障局","role":"assisting","number":"孝南上门转〔2026〕XN-1-2号","items":["A.9.1"]}]}');
INSERT INTO "events" VALUES(4,'XN-2',2,'{"event":"transferred","schema":1,"case":"XN-2","version":2,"at":"2026-03-02T09:00:00.000001+08:00","recorded_at":"2026-03-02T09:00:00.000001+08:00","by":{"role":"integrated_window","name":"柳文静","id":"ZC-01"},"edition":"DB4209/T 32—2023","state":"transferred","notices":[{"unit":"孝南区残疾人联合会","role":"lead","number":"孝南上门转〔2026〕XN-2-1号","items":["A.5.2"]},{"unit":"孝南区医疗保障局","role":"assisting","number":"孝南上门转〔2026〕XN-2-2号","items":["A.9.1"]}]}');
INSERT INTO "events" VALUES(5,'XN-1',3,'{"event":"accepted","schema":1,"case":"XN-1","version":3,"at":"2026-03-02T11:00:00+08:00","recorded_at":"2026-03-02T11:00:00+08:00","by":{"role":"handling_unit","name":"陈志远","unit":"孝南区残疾人联合会"},"edition":"DB4209/T 32—2023","state":"transferred"}');
INSERT INTO "events" VALUES(6,'XN-2',3,'{"event":"accepted","schema":1,"case":"XN-2","version":3,"at":"2026-03-02T15:00:00.500000+08:00","recorded_at":"2026-03-02T15:00:00.500000+08:00","by":{"role":"handling_unit","name":"徐长春","unit":"孝南区医疗保障局"},"edition":"DB4209/T 32—2023","state":"transferred"}');
INSERT INTO "events" VALUES(7,'XN-1',4,'{"event":"accepted","schema":1,"case":"XN-1","version":4,"at":"2026-03-04T09:00:00+08:00","recorded_at":"2026-03-04T09:00:00+08:00","by":{"role":"handling_unit","name":"徐长春","unit":"孝南区医疗保障局"},"edition":"DB4209/T 32—2023","state":"accepted"}');
INSERT INTO "events" VALUES(8,'XN-2',4,'{"event":"accepted","schema":1,"case":"XN-2","version":4,"at":"2026-03-02T10:00:00.123456+08:00","recorded_at":"2026-03-02T15:00:00.500000+08:00","by":{"role":"handling_unit","name":"陈志远","unit":"孝南区残疾人联合会"},"edition":"DB4209/T 32—2023","state":"accepted"}');
INSERT INTO "events" VALUES(9,'XN-1',5,'{"event":"scheduled","schema":1,"case":"XN-1","version":5,"at":"2026-03-04T10:00:00+08:00","recorded_at":"2026-03-04T10:00:00+08:00","by":{"role":"handling_unit","name":"陈志远","unit":"孝南区残疾人联合会"},"edition":"DB4209/T 32—2023","state":"scheduled","start":"2026-03-05T09:30:00+08:00","place":"孝南区书院街道槐荫大道118号3栋2单元602室","materials":["户口簿原件","近期两寸照片3张"],"staff":[{"name":"陈志远","unit":"孝南区残疾人联合会","phone":"0712-2000101"},{"name":"徐长春","unit":"孝南区医疗保障局","phone":"0712-2000102"}]}');
INSERT INTO "events" VALUES(10,'XN-2',5,'{"event":"scheduled","schema":1,"case":"XN-2","version":5,"at":"2026-03-02T15:30:00+08:00","recorded_at":"2026-03-02T15:30:00+08:00","by":{"role":"handling_unit","name":"陈志远","unit":"孝南区残疾人联合会"},"edition":"DB4209/T 32—2023","state":"scheduled","start":"2026-03-03T09:00:00+08:00","end":"2026-03-03T10:00:00+08:00","place":"家中","materials":[],"staff":[{"name":"陈志远","unit":"孝南区残疾人联合会"},{"name":"徐长春","unit":"孝南区医疗保障局"}]}');
INSERT INTO "events" VALUES(11,'XN-1',6,'{"event":"served","schema":1,"case":"XN-1","version":6,"at":"2026-03-05T11:00:00+08:00","recorded_at":"2026-03-05T11:00:00+08:00","by":{"role":"handling_unit","name":"陈志远","unit":"孝南区残疾人联合会"},"edition":"DB4209/T 32—2023","state":"served","arrived_at":"2026-03-05T09:40:00+08:00","left_at":"2026-03-05T10:30:00+08:00","staff":[{"name":"陈志远","unit":"孝南区残疾人联合会"},{"name":"徐长春","unit":"孝南区医疗保障局"}],"forms_completed":true,"results":[{"item":"A.5.2","completed":false,"note":"照片尺寸不合要求。"},{"item":"A.9.1","completed":true}]}');
INSERT INTO "events" VALUES(12,'XN-2',6,'{"event":"visit_failed","schema":1,"case":"XN-2","version":6,"at":"2026-03-03T09:00:59.999999+08:00","recorded_at":"2026-03-03T09:00:59.999999+08:00","by":{"role":"handling_unit","name":"陈志远","unit":"孝南区残疾人联合会"},"edition":"DB4209/T 32—2023","state":"accepted","cause":"staff_absent"}');
INSERT INTO "events" VALUES(13,'XN-1',7,'{"event":"one_time_notice_given","schema":1,"case":"XN-1","version":7,"at":"2026-03-05T11:30:00+08:00","recorded_at":"2026-03-05T11:30:00+08:00","by":{"role":"handling_unit","name":"陈志远","unit":"孝南区残疾人联合会"},"edition":"DB4209/T 32—2023","state":"pending_notice","outstanding":[{"item":"A.5.2","needed":["两寸白底照片3张"],"expected_by":"2026-03-12"}]}');
INSERT INTO "events" VALUES(14,'XN-2',7,'{"event":"corrected","schema":1,"case":"XN-2","version":7,"at":"2026-03-03T12:00:00+08:00","recorded_at":"2026-03-03T12:00:00+08:00","by":{"role":"handling_unit","name":"陈志远","unit":"孝南区残疾人联合会"},"edition":"DB4209/T 32—2023","state":"accepted","entry":5,"fields":{"end":null,"materials":["残疾人证　原件"]},"reason":"没有约定结束时间。"}');
INSERT INTO "events" VALUES(15,'XN-1',8,'{"event":"outcome_reported","schema":1,"case":"XN-1","version":8,"at":"2026-03-10T09:00:00+08:00","recorded_at":"2026-03-10T09:00:00+08:00","by":{"role":"handling_unit","name":"陈志远","unit":"孝南区残疾人联合会"},"edition":"DB4209/T 32—2023","state":"pending_notice","item":"A.5.2","outcome":"残疾人证已换领。","channel":"电话","to_deliver":["残疾人证"]}');
INSERT INTO "events" VALUES(16,'XN-1',9,'{"event":"delivered","schema":1,"case":"XN-1","version":9,"at":"2026-03-10T16:00:00+08:00","recorded_at":"2026-03-10T16:00:00+08:00","by":{"role":"handling_unit","name":"陈志远","unit":"孝南区残疾人联合会"},"edition":"DB4209/T 32—2023","state":"pending_notice","item":"A.5.2","materials":["残疾人证"],"method":"送上门","received_by":"王秀兰"}');
INSERT INTO "events" VALUES(17,'XN-1',10,'{"event":"registration_form_filed","schema":1,"case":"XN-1","version":10,"at":"2026-03-10T17:00:00+08:00","recorded_at":"2026-03-10T17:00:00+08:00","by":{"role":"handling_unit","name":"陈志远","unit":"孝南区残疾人联合会"},"edition":"DB4209/T 32—2023","state":"pending_notice","summary":"两项均已办结。","signatures":[{"name":"陈志远","unit":"孝南区残疾人联合会"},{"name":"徐长春","unit":"孝南区医疗保障局"}],"recipient_opinion":"满意"}');
INSERT INTO "events" VALUES(18,'XN-1',11,'{"event":"corrected","schema":1,"case":"XN-1","version":11,"at":"2026-03-10T18:00:00+08:00","recorded_at":"2026-03-10T18:00:00+08:00","by":{"role":"handling_unit","name":"陈志远","unit":"孝南区残疾人联合会"},"edition":"DB4209/T 32—2023","state":"pending_notice","entry":6,"fields":{"arrived_at":"2026-03-05T09:35:00+08:00","staff":[{"name":"陈志远","unit":"孝南区残疾人联合会"},{"name":"杜晓梅","unit":"孝南区残疾人联合会"},{"name":"徐长春","unit":"孝南区医疗保障局"}]},"reason":"到达时间和人员登记有误。"}');
INSERT INTO "events" VALUES(19,'XN-1',12,'{"event":"closed","schema":1,"case":"XN-1","version":12,"at":"2026-03-11T09:00:00+08:00","recorded_at":"2026-03-11T09:00:00+08:00","by":{"role":"handling_unit","name":"陈志远","unit":"孝南区残疾人联合会"},"edition":"DB4209/T 32—2023","state":"closed"}');
INSERT INTO "events" VALUES(20,'XN-1',13,'{"event":"archived","schema":1,"case":"XN-1","version":13,"at":"2026-03-12T09:00:00+08:00","recorded_at":"2026-03-12T09:00:00+08:00","by":{"role":"handling_unit","name":"陈志远","unit":"孝南区残疾人联合会"},"edition":"DB4209/T 32—2023","state":"archived","archive_number":"孝南政务2026-XN-1","keeper":"档案室 方敏"}');
INSERT INTO "events" VALUES(21,'XN-3',1,'{"event":"applied","schema":1,"case":"XN-3","version":1,"at":"2026-03-02T09:00:00+08:00","recorded_at":"2026-03-02T09:00:00+08:00","by":{"role":"integrated_window","name":"柳文静","id":"ZC-01"},"edition":"DB4209/T 32—2023","state":"applied","id":"XN-3:apply","applicant":{"name":"王秀兰","phone":"0712-2000301"},"recipient":{"name":"王德福","relation":"父亲"},"address":"孝南区书院街道槐荫大道118号3栋2单元602室","ground":"disabled","reason":"长期卧床，无法前往政务服务中心。","items":[{"id":"A.5.2","name":"残疾人证换领"},{"id":"A.9.1","name":"基本医疗保险参保人员医疗费用门诊费用报销"}],"evidence":[{"name":"残疾人证复印件","sha256":"0000000000000000000000000000000000000000000000000000000000000000"}]}');
INSERT INTO "events" VALUES(22,'XN-3',2,'{"event":"transferred","schema":1,"case":"XN-3","version":2,"at":"2026-03-02T10:00:00+08:00","recorded_at":"2026-03-02T10:00:00+08:00","by":{"role":"integrated_window","name":"柳文静","id":"ZC-01"},"edition":"DB4209/T 32—2023","state":"transferred","notices":[{"unit":"孝南区残疾人联合会","role":"lead","number":"孝南上门转〔2026〕XN-3-1号","items":["A.5.2"]},{"unit":"孝南区医疗保障局","role":"assisting","number":"孝南上门转〔2026〕XN-3-2号","items":["A.9.1"]}]}');
CREATE TABLE obligations (
    case_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    kind TEXT NOT NULL,
    clause TEXT NOT NULL,
    bearer TEXT NOT NULL,
    subject TEXT,
    opened_at INTEGER NOT NULL,
    due_day TEXT,
    due INTEGER,
    status TEXT NOT NULL,
    provisional INTEGER NOT NULL,
    earliest TEXT,
    latest TEXT,
    PRIMARY KEY (case_id, ordinal)
) WITHOUT ROWID;
INSERT INTO "obligations" VALUES('XN-2',0,'appointment','7.2.1','孝南区残疾人联合会',NULL,1772499659999999,NULL,NULL,'open',0,NULL,NULL);
INSERT INTO "obligations" VALUES('XN-3',0,'reply','7.2','孝南区残疾人联合会','孝南区残疾人联合会',1772416800000000,'2026-03-03',1772553600000000,'open',0,'2026-03-03','2026-03-03');
INSERT INTO "obligations" VALUES('XN-3',1,'reply','7.2','孝南区医疗保障局','孝南区医疗保障局',1772416800000000,'2026-03-03',1772553600000000,'open',0,'2026-03-03','2026-03-03');
CREATE INDEX case_units_by_unit ON case_units (unit, case_id);
CREATE INDEX obligations_by_due ON obligations (due, case_id) WHERE due IS NOT NULL;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('events',22);
COMMIT;
