extension Organ {
    init(_ row: CatalogueRowReader) throws(CatalogueError) {
        self.init()
        key = try row.required("key")
        name = try row.required("name")
        kind = try row.required("kind")
        parent = try row.text("parent")
        certainty = try row.certainty()
        source = try row.text("source")
    }
}

extension Town {
    init(_ row: CatalogueRowReader) throws(CatalogueError) {
        self.init()
        code = try row.required("code")
        name = try row.required("name")
        kind = try row.required("kind")
        status = try row.required("status")
        validFrom = try row.day("valid_from")
        validTo = try row.day("valid_to")
        certainty = try row.certainty()
        source = try row.text("source")
    }

    init(retired row: CatalogueRowReader) throws(CatalogueError) {
        self.init()
        code = try row.required("code")
        name = try row.required("name")
        status = "retired"
        district = try row.text("district")
        firstSeen = try row.day("first_seen")
        lastSeen = try row.day("last_seen")
        successor = try row.text("successor")
        certainty = try row.certainty()
        source = try row.text("source")
    }
}

extension Team {
    init(_ row: CatalogueRowReader) throws(CatalogueError) {
        self.init()
        key = try row.required("key")
        name = try row.required("name")
        organ = try row.required("organ")
        town = try row.text("town")
        kind = try row.required("kind")
        // Teams and officers are told by the district itself.
        certainty = .stated
        source = try row.text("source")
    }
}

extension Officer {
    init(_ row: CatalogueRowReader) throws(CatalogueError) {
        self.init()
        number = try row.required("number")
        name = try row.required("name")
        organ = try row.required("organ")
        team = try row.text("team")
        town = try row.text("town")
        role = Role(try row.required("role"))
        if !Role.all.contains(role) {
            let known = Role.all.map(\.rawValue).joined(separator: ", ")
            throw row.error("role", "\"\(role)\" is none of \(known)")
        }
        certificateValidTo = try row.day("certificate_valid_to")
        certainty = .stated
        source = try row.text("source")
    }
}

extension Matter {
    init(_ row: CatalogueRowReader) throws(CatalogueError) {
        self.init()
        key = try row.required("key")
        name = try row.required("name")
        domain = try row.required("domain")
        organ = try row.required("organ")
        basisLaw = try row.required("basis_law")
        basisArticle = try row.text("basis_article")
        basisTextVersion = try row.day("basis_text_version")
        effectiveFrom = try row.day("effective_from")
        if effectiveFrom == nil {
            throw row.error("effective_from", "is empty; a matter is in force from some day")
        }
        effectiveTo = try row.day("effective_to")
        penaltyText = try row.text("penalty_text")
        fineMinYuan = try row.integer(try row.text("fine_min_yuan"), "fine_min_yuan")
        fineMaxYuan = try row.integer(try row.text("fine_max_yuan"), "fine_max_yuan")
        if let fineMinYuan, let fineMaxYuan, fineMaxYuan < fineMinYuan {
            throw row.error("fine_max_yuan", "is below fine_min_yuan \(fineMinYuan)")
        }
        fineUnit = FineUnit(try row.text("unit"))
        measures = WordList(text: try row.text("measures"))
        let severe = (row.optional("severe_fine_min_yuan"), row.optional("severe_fine_max_yuan"))
        severeFineMinYuan = try row.integer(severe.0, "severe_fine_min_yuan")
        severeFineMaxYuan = try row.integer(severe.1, "severe_fine_max_yuan")
        certainty = try row.certainty()
        source = try row.text("source")
    }
}

extension Water {
    init(_ row: CatalogueRowReader) throws(CatalogueError) {
        self.init()
        key = try row.required("key")
        name = try row.required("name")
        kind = try row.required("kind")
        closureRule = try row.text("closure_rule")
        west = try row.degrees("west", limit: 180)
        south = try row.degrees("south", limit: 90)
        east = try row.degrees("east", limit: 180)
        north = try row.degrees("north", limit: 90)
        let edges = [west, south, east, north].compactMap(\.self)
        if !edges.isEmpty, edges.count < 4 {
            throw row.error("west", "a box needs west, south, east and north, or none of them")
        }
        if let west, let east, east <= west { throw row.error("east", "is not east of west") }
        if let south, let north, north <= south {
            throw row.error("north", "is not north of south")
        }
        isReserve = try row.answer("reserve")
        boxNote = row.optional("bbox_note")
        certainty = try row.certainty()
        source = try row.text("source")
    }
}

extension Closure {
    init(_ row: CatalogueRowReader) throws(CatalogueError) {
        self.init()
        key = try row.required("key")
        water = try row.required("water")
        validFrom = try row.day("from")
        if validFrom == nil { throw row.error("from", "is empty; a closure begins on some day") }
        validTo = try row.day("to")
        seasonFrom = try row.monthDay("season_from")
        seasonTo = try row.monthDay("season_to")
        allYear = try row.flag("all_year")
        if allYear, seasonFrom != nil || seasonTo != nil {
            throw row.error("all_year", "is true and there is a season; give one of them")
        }
        if !allYear, seasonFrom == nil || seasonTo == nil {
            throw row.error("season_from", "a closure that is not all year has a season")
        }
        allow = WordList(text: try row.text("allow"))
        legalBasis = try row.required("legal_basis")
        certainty = try row.certainty()
        source = try row.text("source")
    }
}

extension ChecklistItem {
    init(_ row: CatalogueRowReader, checklist: String) throws(CatalogueError) {
        self.init()
        self.checklist = checklist
        guard let number = try row.integer(try row.required("item"), "item") else {
            throw row.error("item", "is empty; every row needs it")
        }
        item = number
        text = try row.required("text")
        organ = try row.required("organ")
        certainty = try row.certainty()
        source = try row.text("source")
    }
}

extension Species {
    init(_ row: CatalogueRowReader) throws(CatalogueError) {
        self.init()
        key = try row.required("key")
        name = try row.required("name")
        protection = try row.required("protection")
        certainty = try row.certainty()
        source = try row.text("source")
    }
}
