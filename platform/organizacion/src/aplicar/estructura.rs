//! Legal entities, sedes, and what a sede holds.
use super::{AmbienteSeccion, EntidadLegalSeccion, SedeSeccion, missing};
use crate::estructura::{
    model::{Ambiente, AmbienteTipo, Area, DatosAmbiente, DatosArea, DatosEquipo, DatosSede, EntidadLegal, Equipo, Sede},
    store,
};
use kernel::{
    Change, Event, Problem, Tx,
    apply::{Diff, Report, Verdict},
    ids::{AmbienteId, AreaId, EntidadLegalId, EquipoId, SedeId},
};
use serde::Serialize;
use serde_json::json;
use std::collections::HashMap;

pub async fn entidades(tx: &mut Tx, files: &[EntidadLegalSeccion], report: &mut Report) -> Result<(), Problem> {
    let current: HashMap<String, EntidadLegal> = all_entidades(tx).await?.into_iter().map(|e| (e.ruc.clone(), e)).collect();
    let mut diff = Diff::load(tx, "entidad_legal").await?;
    for file in files {
        let present = current.get(&file.ruc);
        let before = present.cloned().map(|EntidadLegal { ruc, razon_social, nombre_comercial, direccion, ubigeo, .. }| {
            EntidadLegalSeccion { ruc, razon_social, nombre_comercial, direccion, ubigeo }
        });
        match (diff.entry(&file.ruc, &file.ruc, file, before.as_ref()), present) {
            (Verdict::Crear, _) => {
                let made = store::entidades::insert(tx, EntidadLegalId::new(), file).await?;
                tx.audit(Change::new("crear", "entidad_legal", made.id).despues(&made));
            }
            (Verdict::Cambiar, Some(antes)) => {
                let made = store::entidades::update(tx, antes.id, file).await?;
                tx.audit(Change::new("cambiar", "entidad_legal", made.id).antes(antes).despues(&made));
            }
            _ => {}
        }
    }
    diff.save(tx, report).await
}

async fn all_entidades(tx: &mut Tx) -> Result<Vec<EntidadLegal>, Problem> {
    store::entidades::list(tx, None, i64::MAX - 1).await
}

/// What is compared of a sede. Whether it is active is the API's alone.
#[derive(Serialize)]
struct FormaSede {
    entidad_legal: String,
    nombre: String,
    ciudad: String,
    direccion: Option<String>,
    ubigeo: Option<String>,
    telefono: Option<String>,
    zona_horaria: String,
    atiende_feriados: bool,
}

impl FormaSede {
    fn of_file(file: &SedeSeccion) -> Self {
        Self {
            entidad_legal: file.entidad_legal.clone(),
            nombre: file.nombre.clone(),
            ciudad: file.ciudad.clone(),
            direccion: file.direccion.clone(),
            ubigeo: file.ubigeo.clone(),
            telefono: file.telefono.as_deref().and_then(kernel::text::phone),
            zona_horaria: file.zona_horaria.clone().unwrap_or_else(|| "America/Lima".to_owned()),
            atiende_feriados: file.atiende_feriados,
        }
    }
    fn of_sede(sede: &Sede, rucs: &HashMap<EntidadLegalId, String>) -> Self {
        Self {
            entidad_legal: rucs.get(&sede.entidad_legal_id).cloned().unwrap_or_default(),
            nombre: sede.nombre.clone(),
            ciudad: sede.ciudad.clone(),
            direccion: sede.direccion.clone(),
            ubigeo: sede.ubigeo.clone(),
            telefono: sede.telefono.clone(),
            zona_horaria: sede.zona_horaria.clone(),
            atiende_feriados: sede.atiende_feriados,
        }
    }
    fn datos(self, codigo: &str, entidad_legal_id: EntidadLegalId, activa: bool) -> DatosSede {
        let Self { nombre, ciudad, direccion, ubigeo, telefono, zona_horaria, atiende_feriados, .. } = self;
        let codigo = codigo.to_owned();
        DatosSede { entidad_legal_id, codigo, nombre, ciudad, direccion, ubigeo, telefono, zona_horaria, atiende_feriados, activa }
    }
}

pub async fn sedes(tx: &mut Tx, files: &[SedeSeccion], report: &mut Report) -> Result<(), Problem> {
    let rucs: HashMap<EntidadLegalId, String> = all_entidades(tx).await?.into_iter().map(|e| (e.id, e.ruc)).collect();
    let ids: HashMap<&String, EntidadLegalId> = rucs.iter().map(|(id, ruc)| (ruc, *id)).collect();
    let current = by_codigo(tx).await?;
    let mut diff = Diff::load(tx, "sede").await?;
    for file in files {
        let present = current.get(&file.codigo);
        let forma = FormaSede::of_file(file);
        let verdict = diff.entry(&file.codigo, &file.codigo, &forma, present.map(|sede| FormaSede::of_sede(sede, &rucs)).as_ref());
        if verdict == Verdict::Dejar {
            continue;
        }
        let entidad = *ids.get(&file.entidad_legal).ok_or_else(|| missing("legal entity"))?;
        let datos = forma.datos(&file.codigo, entidad, present.is_none_or(|sede| sede.activa));
        let (tema, id, change) = match present {
            None => {
                let made = store::sedes::insert(tx, SedeId::new(), &datos).await?;
                ("sede.creada", made.id, Change::new("crear", "sede", made.id).sede(made.id).despues(&made))
            }
            Some(antes) => {
                let made = store::sedes::update(tx, antes.id, &datos).await?;
                ("sede.cambiada", made.id, Change::new("cambiar", "sede", made.id).sede(made.id).antes(antes).despues(&made))
            }
        };
        tx.audit(change);
        // Its zone and whether it works on holidays are hours too.
        tx.publish(Event::new(tema, json!({ "id": id })).sede(id));
    }
    diff.save(tx, report).await
}

pub async fn by_codigo(tx: &mut Tx) -> Result<HashMap<String, Sede>, Problem> {
    Ok(store::sedes::all(tx).await?.into_iter().map(|sede| (sede.codigo.clone(), sede)).collect())
}

fn entry(codigo: &str, nombre: &str) -> String {
    format!("{codigo}/{nombre}")
}

#[derive(Serialize)]
struct FormaArea {
    activa: bool,
}

pub async fn areas(tx: &mut Tx, files: &[SedeSeccion], report: &mut Report) -> Result<(), Problem> {
    let sedes = by_codigo(tx).await?;
    let current: HashMap<(SedeId, String), Area> =
        store::areas::all(tx).await?.into_iter().map(|area| ((area.sede_id, area.nombre.clone()), area)).collect();
    let mut diff = Diff::load(tx, "area").await?;
    for (file, nombre) in files.iter().flat_map(|file| file.areas.iter().map(move |area| (file, &area.nombre))) {
        let sede = sedes.get(&file.codigo).ok_or_else(|| missing("sede"))?.id;
        let present = current.get(&(sede, nombre.clone()));
        let clave = entry(&file.codigo, nombre);
        let datos = DatosArea { nombre: nombre.clone(), activa: true };
        let verdict = diff.entry(&clave, &clave, &FormaArea { activa: true }, present.map(|a| FormaArea { activa: a.activa }).as_ref());
        match (verdict, present) {
            (Verdict::Crear, _) => {
                let made = store::areas::insert(tx, AreaId::new(), sede, &datos).await?;
                tx.audit(Change::new("crear", "area", made.id).sede(sede).despues(&made));
            }
            (Verdict::Cambiar, Some(antes)) => {
                let made = store::areas::update(tx, antes.id, &datos).await?;
                tx.audit(Change::new("cambiar", "area", made.id).sede(sede).antes(antes).despues(&made));
            }
            _ => {}
        }
    }
    diff.save(tx, report).await
}

#[derive(Serialize)]
struct FormaAmbiente {
    tipo: AmbienteTipo,
    area: Option<String>,
    activo: bool,
}

pub async fn ambientes(tx: &mut Tx, files: &[SedeSeccion], report: &mut Report) -> Result<(), Problem> {
    let sedes = by_codigo(tx).await?;
    let areas: Vec<Area> = store::areas::all(tx).await?;
    let current: HashMap<(SedeId, String), Ambiente> =
        store::ambientes::all(tx).await?.into_iter().map(|one| ((one.sede_id, one.nombre.clone()), one)).collect();
    let mut diff = Diff::load(tx, "ambiente").await?;
    for (file, ambiente) in files.iter().flat_map(|file| file.ambientes.iter().map(move |ambiente| (file, ambiente))) {
        let AmbienteSeccion { nombre, tipo, area } = ambiente.clone();
        let sede = sedes.get(&file.codigo).ok_or_else(|| missing("sede"))?.id;
        let present = current.get(&(sede, nombre.clone()));
        let clave = entry(&file.codigo, &nombre);
        let area_id = areas.iter().find(|one| one.sede_id == sede && area.as_ref() == Some(&one.nombre)).map(|one| one.id);
        let before = present.map(|one| FormaAmbiente {
            tipo: one.tipo,
            area: areas.iter().find(|area| one.area_id == Some(area.id)).map(|area| area.nombre.clone()),
            activo: one.activo,
        });
        let verdict = diff.entry(&clave, &clave, &FormaAmbiente { tipo, area, activo: true }, before.as_ref());
        let datos = DatosAmbiente { nombre, tipo, area_id, activo: true };
        match (verdict, present) {
            (Verdict::Crear, _) => {
                let made = store::ambientes::insert(tx, AmbienteId::new(), sede, &datos).await?;
                tx.audit(Change::new("crear", "ambiente", made.id).sede(sede).despues(&made));
            }
            (Verdict::Cambiar, Some(antes)) => {
                let made = store::ambientes::update(tx, antes.id, &datos).await?;
                tx.audit(Change::new("cambiar", "ambiente", made.id).sede(sede).antes(antes).despues(&made));
            }
            _ => {}
        }
    }
    diff.save(tx, report).await
}

#[derive(Serialize)]
struct FormaEquipo {
    tipo: String,
    activo: bool,
}

pub async fn equipos(tx: &mut Tx, files: &[SedeSeccion], report: &mut Report) -> Result<(), Problem> {
    let sedes = by_codigo(tx).await?;
    let current: HashMap<(SedeId, String), Equipo> =
        store::equipos::all(tx).await?.into_iter().map(|one| ((one.sede_id, one.nombre.clone()), one)).collect();
    let mut diff = Diff::load(tx, "equipo").await?;
    for (file, equipo) in files.iter().flat_map(|file| file.equipos.iter().map(move |equipo| (file, equipo))) {
        let sede = sedes.get(&file.codigo).ok_or_else(|| missing("sede"))?.id;
        let present = current.get(&(sede, equipo.nombre.clone()));
        let clave = entry(&file.codigo, &equipo.nombre);
        let datos = DatosEquipo { nombre: equipo.nombre.clone(), tipo: equipo.tipo.clone(), activo: true };
        let before = present.map(|one| FormaEquipo { tipo: one.tipo.clone(), activo: one.activo });
        let verdict = diff.entry(&clave, &clave, &FormaEquipo { tipo: equipo.tipo.clone(), activo: true }, before.as_ref());
        match (verdict, present) {
            (Verdict::Crear, _) => {
                let made = store::equipos::insert(tx, EquipoId::new(), sede, &datos).await?;
                tx.audit(Change::new("crear", "equipo", made.id).sede(sede).despues(&made));
            }
            (Verdict::Cambiar, Some(antes)) => {
                let made = store::equipos::update(tx, antes.id, &datos).await?;
                tx.audit(Change::new("cambiar", "equipo", made.id).sede(sede).antes(antes).despues(&made));
            }
            _ => {}
        }
    }
    diff.save(tx, report).await
}
