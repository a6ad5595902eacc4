//! The files of `tenants/`, and the golden matrix of the default roles.
use super::*;
use crate::personal::model::permission_set;
use kernel::{
    apply::{Fault, read},
    permission::CATALOGUE,
};
use serde_json::Value;
use std::{collections::BTreeMap, fmt::Write, path::PathBuf};

/// `_base/roles.toml`
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RolesArchivo {
    roles: Vec<RolSeccion>,
}

/// A chain's file; sections of other crates are read by them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Archivo {
    cadena: CadenaSeccion,
    #[serde(default)]
    roles: Vec<RolSeccion>,
    entidades_legales: Vec<EntidadLegalSeccion>,
    sedes: Vec<SedeSeccion>,
    personal: Vec<PersonaSeccion>,
    servicios: Vec<Value>,
    horarios: Vec<Value>,
    planes: Vec<Value>,
    #[serde(default)]
    correos: Value,
    #[serde(default)]
    autoreservas: Vec<Value>,
}

impl Archivo {
    fn seccion<'a>(&'a self, base: &'a RolesArchivo) -> Seccion<'a> {
        let Self { roles, entidades_legales, sedes, personal, .. } = self;
        Seccion { roles_base: &base.roles, roles, entidades_legales, sedes, personal }
    }
}

fn text(path: &str) -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tenants");
    std::fs::read_to_string(root.join(path)).expect("a file of the repository")
}

fn base() -> RolesArchivo {
    read("_base/roles.toml", &text("_base/roles.toml")).expect("a file without faults")
}

/// A line for each permission, a column for each role.
fn matrix(roles: &[RolSeccion]) -> String {
    let sets: Vec<_> = roles.iter().map(|rol| permission_set(&rol.permisos)).collect();
    let mut table = String::from("permiso                 ");
    roles.iter().for_each(|rol| write!(table, " {:^20}", rol.clave).expect("text"));
    table.truncate(table.trim_end().len());
    for (index, entry) in CATALOGUE.iter().enumerate() {
        write!(table, "\n{:<24}", entry.clave).expect("text");
        sets.iter().for_each(|set| write!(table, " {:^20}", if set.contains(index) { "✔" } else { "·" }).expect("text"));
        table.truncate(table.trim_end().len());
    }
    table
}

/// Permissions that the chain's administrator does not hold.
fn missing(roles: &[RolSeccion]) -> Vec<&'static str> {
    let admin = roles.iter().find(|rol| rol.clave == "administrador_cadena").expect("the role");
    CATALOGUE.iter().map(|entry| entry.clave).filter(|clave| !admin.permisos.iter().any(|own| own == clave)).collect()
}

#[test]
fn default_roles_have_these_permissions() {
    let table = matrix(&base().roles);
    insta::assert_snapshot!("roles_y_permisos", table);
}

#[test]
fn the_chain_administrator_holds_everything() {
    assert_eq!(missing(&base().roles), [""; 0], "nobody could grant these");
}

#[test]
fn a_permission_more_or_less_shows_in_the_matrix() {
    let (before, mut roles) = (matrix(&base().roles), base().roles);
    let recepcion = roles.iter_mut().find(|rol| rol.clave == "recepcion").expect("the role");
    recepcion.permisos.push("cadena.configurar".to_owned());
    let after = matrix(&roles);
    let changed = before.lines().zip(after.lines()).filter(|(before, after)| before != after);
    let changed: Vec<&str> = changed.filter_map(|(before, _)| before.split(' ').next()).collect();
    assert_eq!(changed, ["cadena.configurar"]);
    roles.iter_mut().for_each(|rol| rol.permisos.retain(|clave| clave != "rol.ver"));
    assert_eq!(missing(&roles), ["rol.ver"]);
}

#[test]
fn the_chains_of_the_repository_have_no_fault() {
    let base = base();
    for (chain, sedes, rucs) in [("andes", 6, 2), ("costa", 2, 1)] {
        let name = format!("{chain}/tenant.toml");
        let file: Archivo = read(&name, &text(&name)).expect("a file without faults");
        assert_eq!(revisar(&file.seccion(&base)), []);
        assert_eq!(file.cadena.clave, chain);
        assert_eq!(file.correos["confirmaciones"] == true, chain == "andes", "one of them writes to its owners");
        assert_eq!(file.autoreservas.len() > 1, chain == "andes", "and takes bookings that they make alone");
        assert!(file.sedes.len() >= sedes && file.entidades_legales.len() >= rucs && file.servicios.len() >= 12);
        let medicos: Vec<&PersonaSeccion> = file.personal.iter().filter(|persona| persona.cmvp.is_some()).collect();
        assert!(medicos.iter().any(|medico| medico.asignaciones.len() > 1), "a vet works in more than one sede");
        for medico in medicos {
            assert!(file.planes.iter().any(|plan| plan["medico"] == medico.correo.as_str()), "{} has a plan", medico.correo);
        }
        for sede in &file.sedes {
            assert!(file.horarios.iter().any(|horario| horario["sede"] == sede.codigo.as_str()), "{} has hours", sede.codigo);
        }
        for servicio in &file.servicios {
            let tipo = &servicio["ambiente_tipo"];
            let fits = |sede: &SedeSeccion| sede.ambientes.iter().any(|one| serde_json::to_value(one.tipo).ok().as_ref() == Some(tipo));
            assert!(tipo.is_null() || file.sedes.iter().all(fits), "{} has its room everywhere", servicio["codigo"]);
        }
        assert!(file.personal.iter().all(|persona| persona.correo.ends_with(".example.pe")));
    }
}

#[test]
fn references_that_lead_nowhere_are_all_named() {
    let roles = "[[roles]]\nclave = 'recepcion'\nnombre = 'Recepción'\npermisos = ['cita.ver', 'cita.inventar']";
    let base: RolesArchivo = read("roles", roles).expect("well formed");
    let file: Archivo = read(
        "tenant.toml",
        r#"
        servicios = []
        horarios = []
        planes = []
        [cadena]
        clave = "prueba"
        nombre = "Prueba"
        [[roles]]
        clave = "recepcion"
        nombre = "Otra vez"
        permisos = []
        [[entidades_legales]]
        ruc = "20131312955"
        razon_social = "Prueba S.A.C."
        [[sedes]]
        codigo = "LIM"
        nombre = "Lima"
        ciudad = "Lima"
        entidad_legal = "20100070970"
        areas = [{ nombre = "Clínica" }]
        ambientes = [{ nombre = "C1", tipo = "consultorio", area = "Tienda" }, { nombre = "C1", tipo = "bano" }]
        [[personal]]
        nombres = "Ana"
        apellidos = "Ruiz"
        correo = "ana@prueba.example.pe"
        documento = { tipo = "dni", numero = "12" }
        asignaciones = [{ rol = "jefa", sede = "LIM" }, { rol = "recepcion", sede = "CUS" }]
        [[personal]]
        nombres = "Ana"
        apellidos = "Ruiz"
        correo = "ANA@prueba.example.pe"
        asignaciones = [{ rol = "recepcion" }]
        "#,
    )
    .expect("well formed");
    let faults: BTreeMap<String, String> =
        revisar(&file.seccion(&base)).into_iter().map(|Fault { archivo, clave, detalle }| (format!("{archivo}{clave}"), detalle)).collect();
    let keys: Vec<&str> = faults.keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "_base/roles.tomlroles[0].permisos[1]",
            "personal[0].asignaciones[0].rol",
            "personal[0].asignaciones[1].sede",
            "personal[0].documento.numero",
            "personal[1].correo",
            "roles[0].clave",
            "sedes[0].ambientes[0].area",
            "sedes[0].ambientes[1].nombre",
            "sedes[0].entidad_legal",
        ]
    );
}

/// Sunday of Easter: the computus of Meeus, Jones and Butcher.
fn easter(year: i16) -> jiff::civil::Date {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e, f) = (b / 4, b % 4, (b + 8) / 25);
    let h = (19 * a + b - d - (b - f + 1) / 3 + 15) % 30;
    let l = (32 + 2 * e + 2 * (c / 4) - h - c % 4) % 7;
    let n = h + l - 7 * ((a + 11 * h + 22 * l) / 451) + 114;
    jiff::civil::date(year, (n / 31) as i8, (n % 31 + 1) as i8)
}

#[test]
fn each_year_has_its_sixteen_national_days() {
    let file: Value = read::<BTreeMap<String, Vec<BTreeMap<String, String>>>>("_base/feriados.toml", &text("_base/feriados.toml"))
        .map(|file| serde_json::to_value(file).expect("plain data"))
        .expect("a file without faults");
    let days = file["feriados"].as_array().expect("a list");
    assert!(days.iter().all(|day| day["fuente"].as_str().is_some_and(|fuente| !fuente.is_empty())));
    for year in [2025, 2026, 2027] {
        let of_year: Vec<&str> =
            days.iter().filter_map(|day| day["fecha"].as_str()).filter(|fecha| fecha.starts_with(&year.to_string())).collect();
        assert_eq!(of_year.len(), 16);
        for before in [3, 2] {
            let day = easter(year).saturating_sub(jiff::Span::new().days(before)).to_string();
            assert!(of_year.contains(&day.as_str()), "{day}");
        }
    }
}
