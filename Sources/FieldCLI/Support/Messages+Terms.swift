extension Messages {
    /// A record type for people.
    static func typeName(_ name: String) -> String { words(name, typeNames[name] ?? name) }

    /// A field for people; some names mean something else in some types.
    static func fieldName(_ name: String, of type: String = "") -> String {
        words(name, fieldLabel(name, of: type))
    }

    /// The Chinese label of a field.
    static func fieldLabel(_ name: String, of type: String) -> String {
        fieldNames["\(type).\(name)"] ?? fieldNames[name] ?? name
    }

    private static let typeNames = [
        "finding": "发现", "patrol": "巡查", "leg": "巡查段", "trackSegment": "轨迹",
        "measurement": "测量", "seizedItem": "扣押物品", "evidence": "证据", "note": "记事",
        "catchLine": "渔获物", "gearItem": "渔具", "party": "当事人", "sameAs": "同一事件",
        "matter": "事项", "town": "镇街", "organ": "单位", "officer": "人员", "team": "队伍",
        "water": "水域", "closure": "禁渔规定", "catalogueRelease": "目录版本",
        "checklistItem": "检查项", "species": "物种",
    ]

    private static let fieldNames = [
        "title": "标题", "status": "状态", "priority": "优先级", "hazardLevel": "危险等级",
        "suspectedCrime": "涉嫌犯罪", "crimeScreenReasons": "涉嫌犯罪理由", "patrol": "巡查",
        "matter": "事项", "matterVersion": "事项版本", "catalogueVersion": "目录版本", "town": "镇街",
        "organ": "单位", "leadOrgan": "牵头单位", "latitude": "纬度", "longitude": "经度",
        "accuracy": "精度（米）", "datum": "坐标系", "water": "水域", "reach": "河段",
        "observedAt": "发现时间", "gnssTime": "卫星时间", "rectificationDeadline": "整改期限",
        "method": "捕捞方法", "personsCount": "人数", "licenceSeen": "出示捕捞许可证",
        "vesselHasName": "有船名号", "vesselHasPort": "有船籍港", "vesselHasCertificate": "有船舶证书",
        "vesselCertificate": "船舶证书号", "weather": "天气", "light": "光线", "description": "描述",
        "remark": "备注", "tags": "标签", "disposition": "处置", "mainHandler": "主办人",
        "participants": "参与人员", "participantOrgans": "参与单位", "finding": "发现", "kind": "种类",
        "name": "名称", "identityKind": "证件种类", "identityNumber": "证件号码", "birthDate": "出生日期",
        "representative": "代表人", "phone": "电话", "address": "地址",
        "priorPenaltyOn": "前次处罚日", "statement": "陈述", "subject": "对象", "quantity": "数量",
        "unit": "计量单位", "instrument": "器具", "measuredBy": "测量人", "measuredAt": "测量时间",
        "serialNumber": "编号", "basis": "依据", "estimatedValue": "估值", "currency": "币种",
        "takenAt": "扣押时间", "storage": "存放地点", "officers": "执法人员", "attestations": "见证",
        "sha256": "SHA-256", "byteCount": "字节数", "mediaType": "媒体类型", "fileName": "文件名",
        "capturedAt": "形成时间", "device": "设备", "caption": "说明", "custody": "保管",
        "text": "内容", "writtenBy": "记录人", "writtenAt": "记录时间", "species": "物种",
        "state": "状态", "weight": "重量", "listedBy": "登记人", "count": "数量",
        "lengthMetres": "长度（米）", "meshMillimetres": "网目（毫米）", "isBanned": "属禁用渔具",
        "transport": "交通方式", "objective": "任务", "vessel": "船名", "station": "出发点",
        "team": "人员", "leader": "负责人", "startedAt": "开始", "endedAt": "结束", "leg": "巡查段",
        "points": "轨迹点", "pointCount": "点数", "ashoreAt": "抵岸时间", "ashoreGnssTime": "抵岸卫星时间",
        "measurement.method": "测量方法", "patrol.kind": "类型", "gearItem.kind": "渔具种类",
        "patrol.team": "参加人员", "evidence.kind": "证据种类", "catchLine.state": "状况",
        "first": "发现一", "second": "发现二", "verdict": "认定", "$deleted": "作废或删除",
    ]
}
