//! `_base/vacunas.toml`: the antigens and vaccines with which a chain starts.
use crate::{
    model::{Antigeno, Catalogo, DatosAntigeno, DatosVacuna, Vacuna},
    store::vacunas as store,
};
use kernel::{
    Change, Problem, Tx,
    apply::{Diff, Fault, Report, Verdict},
};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// The file.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VacunasArchivo {
    pub antigenos: Vec<DatosAntigeno>,
    pub vacunas: Vec<DatosVacuna>,
}

impl From<&Antigeno> for DatosAntigeno {
    fn from(antigeno: &Antigeno) -> Self {
        let Antigeno { clave, nombre, especies, origen, activo, .. } = antigeno.clone();
        Self { clave, nombre, especies, origen, activo }
    }
}

impl From<&Vacuna> for DatosVacuna {
    fn from(vacuna: &Vacuna) -> Self {
        let Vacuna { clave, nombre, fabricante, especies, antigenos, alias, origen, activa, .. } = vacuna.clone();
        Self { clave, nombre, fabricante, especies, antigenos, alias, origen, activa }
    }
}

/// Brings the file into the database; see `kernel::apply` for which wins.
pub async fn aplicar(tx: &mut Tx, archivo: &VacunasArchivo, report: &mut Report) -> Result<Vec<Fault>, Problem> {
    let especies: Vec<String> = pacientes::especies(tx).await?.into_iter().map(|especie| especie.clave).collect();
    let known = store::catalogo(tx).await?;
    let before = report.changes();
    let mut faults = antigens(tx, &archivo.antigenos, &known, &especies, report).await?;
    faults.extend(vaccines(tx, &archivo.vacunas, &especies, report).await?);
    let changed = report.changes() - before;
    if changed > 0 {
        tx.audit(Change::new("aplicar", "vacuna", Uuid::now_v7()).despues(json!({ "entradas": changed })));
    }
    Ok(faults)
}

async fn antigens(
    tx: &mut Tx,
    secciones: &[DatosAntigeno],
    known: &Catalogo,
    especies: &[String],
    report: &mut Report,
) -> Result<Vec<Fault>, Problem> {
    let (mut diff, mut faults) = (Diff::load(tx, "antigeno").await?, Vec::new());
    for (index, file) in secciones.iter().enumerate() {
        faults.extend(file.check(especies).into_iter().map(|error| fault("antigenos", index, &error)));
        let current = known.antigenos.iter().find(|antigeno| antigeno.clave == file.clave).map(DatosAntigeno::from);
        match diff.entry(&file.clave, &file.clave, file, current.as_ref()) {
            Verdict::Crear => drop(store::insert_antigeno(tx, file).await?),
            Verdict::Cambiar => drop(store::update_antigeno(tx, file).await?),
            Verdict::Dejar => {}
        }
    }
    diff.save(tx, report).await?;
    Ok(faults)
}

async fn vaccines(tx: &mut Tx, secciones: &[DatosVacuna], especies: &[String], report: &mut Report) -> Result<Vec<Fault>, Problem> {
    let known = store::catalogo(tx).await?;
    let (mut diff, mut faults) = (Diff::load(tx, "vacuna").await?, Vec::new());
    for (index, file) in secciones.iter().enumerate() {
        faults.extend(file.check(especies, &known).into_iter().map(|error| fault("vacunas", index, &error)));
        let current = known.vacunas.iter().find(|vacuna| vacuna.clave == file.clave);
        match (diff.entry(&file.clave, &file.clave, file, current.map(DatosVacuna::from).as_ref()), current) {
            (Verdict::Crear, _) => drop(store::insert(tx, file).await?),
            (Verdict::Cambiar, Some(vacuna)) => drop(store::update(tx, vacuna.id, file).await?),
            _ => {}
        }
    }
    diff.save(tx, report).await?;
    Ok(faults)
}

fn fault(list: &str, index: usize, error: &kernel::FieldError) -> Fault {
    Fault::new(format!("{list}[{index}]{}", error.pointer.replace('/', ".")), error.detail.clone()).in_file("_base/vacunas.toml")
}
