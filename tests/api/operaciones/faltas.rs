//! What is wrong with an answer, as functions of the answer. The tests at the end show that each of them finds.
use super::casos::Casos;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What never was has no history, for anybody: this one is answered with an empty list.
const HISTORIA: &str = "GET /auditoria/{entidad}/{id}";

/// An operation that was called, and its answer.
pub struct Visto<'a> {
    pub nombre: &'a str,
    pub estado: u16,
    pub texto: &'a str,
    pub enviado: &'a str,
}

impl Visto<'_> {
    fn unless(&self, right: bool, what: &str) -> Option<String> {
        (!right).then(|| format!("{} {what}: {} {}", self.nombre, self.estado, self.texto))
    }

    fn refused(&self) -> bool {
        (400..500).contains(&self.estado)
    }

    fn is_empty_history(&self) -> bool {
        let body: Value = serde_json::from_str(self.texto).unwrap_or_default();
        self.nombre == HISTORIA && body["items"] == json!([])
    }

    pub fn to_nobody(&self) -> Option<String> {
        self.unless(self.estado == 401, "lets nobody in")
    }

    pub fn without(&self, permiso: &str) -> Option<String> {
        self.unless(self.estado == 403, &format!("goes without {permiso}"))
    }

    /// To who holds nothing but its permission.
    pub fn alone(&self, permiso: &str, ask_more: &[&str]) -> Option<String> {
        let right = self.estado != 401 && self.estado < 500 && (self.estado != 403 || ask_more.contains(&self.nombre));
        self.unless(right, &format!("with {permiso} alone"))
    }

    /// To whom these ids are none of their business, but for those that they sent.
    fn shows(&self, ids: &BTreeSet<String>) -> Option<String> {
        let shown = ids.iter().find(|id| self.texto.contains(*id) && !self.enviado.contains(*id));
        let said = shown.and_then(|id| self.unless(false, &format!("shows {id}")));
        said.or_else(|| self.unless(self.estado < 500, "fails"))
    }

    /// `names`: its path names something that only one chain has.
    pub fn to_another_chain(&self, ours: &BTreeSet<String>, names: bool) -> Option<String> {
        let sent = ours.iter().any(|id| self.enviado.contains(id));
        let right = if self.nombre == HISTORIA {
            self.is_empty_history()
        } else if names {
            self.estado == 404
        } else {
            !sent || self.refused()
        };
        self.shows(ours).or_else(|| self.unless(right, "takes what is of another chain"))
    }

    /// `names`: its path names something of the sede.
    pub fn to_another_sede(&self, theirs: &BTreeSet<String>, names: bool, sede: &str) -> Option<String> {
        let right = if names {
            self.is_empty_history() || [403, 404].contains(&self.estado)
        } else {
            !self.enviado.contains(sede) || self.refused()
        };
        self.shows(theirs).or_else(|| self.unless(right, "takes what is of another sede"))
    }
}

fn parts(template: &str) -> BTreeSet<&str> {
    template.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
}

/// Paths whose parts are not those of a case, and cases of no path.
pub fn without_case<'a>(templates: &BTreeSet<&'a str>, casos: Casos<'a>) -> BTreeSet<&'a str> {
    let known = |template: &&&str| {
        let of_template = casos.iter().filter(|(path, _)| *path == **template);
        let named: BTreeSet<&str> = of_template.flat_map(|(_, case)| case.iter().map(|(part, _)| *part)).collect();
        named == parts(template)
    };
    let paths = templates.iter().filter(|template| !known(template)).copied();
    paths.chain(casos.iter().map(|(path, _)| *path).filter(|path| !templates.contains(path))).collect()
}

/// Names on a list that no operation has.
pub fn gone<'a>(names: &BTreeSet<String>, list: &[&'a str]) -> Vec<&'a str> {
    list.iter().copied().filter(|name| !names.contains(*name)).collect()
}

/// Permissions that nothing asks for, alone or besides another one.
pub fn unused<'a>(catalogue: &'a [String], used: &BTreeSet<String>, besides: &[&str]) -> Vec<&'a str> {
    catalogue.iter().filter(|permiso| !used.contains(*permiso)).map(String::as_str).filter(|permiso| !besides.contains(permiso)).collect()
}

const MIA: &str = "0199-mia";

fn seen(nombre: &'static str, estado: u16, texto: &'static str) -> Visto<'static> {
    Visto { nombre, estado, texto, enviado: "" }
}

#[test]
fn an_answer_to_who_may_not_is_found() {
    for estado in [200, 403, 404, 422, 500] {
        assert!(seen("GET /nuevas", estado, "").to_nobody().is_some(), "{estado} to nobody");
    }
    for estado in [200, 401, 404, 422, 500] {
        assert!(seen("GET /nuevas", estado, "").without("cita.ver").is_some(), "{estado} without the permission");
    }
    for estado in [401, 403, 500] {
        assert!(seen("GET /nuevas", estado, "").alone("cita.ver", &["GET /otras"]).is_some(), "{estado} with it");
    }
    let right = [
        seen("GET /nuevas", 401, "").to_nobody(),
        seen("GET /nuevas", 403, "").without("cita.ver"),
        seen("GET /nuevas", 422, "").alone("cita.ver", &[]),
        seen("GET /otras", 403, "").alone("cita.ver", &["GET /otras"]),
    ];
    assert_eq!(right, [None, None, None, None]);
}

#[test]
fn an_answer_with_what_is_anothers_is_found() {
    let mine = BTreeSet::from([MIA.to_owned()]);
    let sends = |estado| Visto { enviado: MIA, ..seen("POST /nuevas", estado, MIA) };
    let named = "GET /nuevas/{id}";
    for (answer, names) in [
        (seen(named, 200, "{}"), true),
        (seen(named, 403, "{}"), true),
        (seen(named, 404, "no hay 0199-mia"), true),
        (seen("GET /nuevas", 200, "[{\"id\": \"0199-mia\"}]"), false),
        (seen("GET /nuevas", 500, "{}"), false),
        (seen(HISTORIA, 200, "{\"items\": [{}]}"), true),
        (sends(201), false),
    ] {
        assert!(answer.to_another_chain(&mine, names).is_some(), "{} {}", answer.nombre, answer.texto);
        let same_chain = answer.to_another_sede(&mine, names, MIA);
        assert!(same_chain.is_some() || answer.estado == 403, "{} {}", answer.nombre, answer.texto);
    }
    for (answer, names) in [
        (seen(named, 404, "{}"), true),
        (seen("GET /nuevas", 200, "[]"), false),
        (seen(HISTORIA, 200, "{\"items\": []}"), true),
        (sends(422), false),
    ] {
        assert_eq!(answer.to_another_chain(&mine, names), None);
        assert_eq!(answer.to_another_sede(&mine, names, MIA), None);
    }
}

#[test]
fn an_operation_without_a_case_is_found() {
    let document = json!({ "paths": {
        "/api/v1/nuevas/{id}": { "parameters": [], "get": {}, "delete": { "x-permiso": "cita.ver" } },
        "/sueltas/{id}/{nombre}": { "post": {} },
        "/healthz": { "get": {} },
    } });
    let all = super::mundo::operations(&document);
    let public: BTreeSet<String> = all.iter().filter(|one| one.permiso.is_none()).map(super::mundo::Operacion::name).collect();
    assert_eq!(public, BTreeSet::from(["GET //healthz", "GET /nuevas/{id}", "POST //sueltas/{id}/{nombre}"].map(str::to_owned)));
    let templates: BTreeSet<&str> = all.iter().map(|one| one.template.as_str()).collect();
    let casos: Casos = &[("//sueltas/{id}/{nombre}", &[("id", "cita")]), ("/viejas/{id}", &[("id", "cita")])];
    assert_eq!(without_case(&templates, casos), BTreeSet::from(["//sueltas/{id}/{nombre}", "/nuevas/{id}", "/viejas/{id}"]));
    assert_eq!(gone(&public, &["GET //healthz", "GET /viejas"]), ["GET /viejas"]);
    let catalogue = ["cita.ver", "cita.nueva", "datos.exportar"].map(str::to_owned);
    assert_eq!(unused(&catalogue, &BTreeSet::from(["cita.ver".to_owned()]), &["datos.exportar"]), ["cita.nueva"]);
}
