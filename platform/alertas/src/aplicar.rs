//! The sections `[correos]` and `[[plantillas]]` of a chain's file.
use crate::{
    model::{DatosAjustes, Partes, Tipo, revisar as revisar_plantilla},
    store::{ajustes, plantillas},
};
use kernel::{
    Problem, Tx,
    apply::{Diff, Fault, Report, Verdict},
};
use serde::Deserialize;
use utoipa::ToSchema;

/// A chain's own words for a kind of letter.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlantillaSeccion {
    pub tipo: Tipo,
    #[schema(min_length = 1, max_length = 200, format = "texto")]
    pub asunto: String,
    #[schema(min_length = 1, max_length = 20000)]
    pub texto: String,
    #[schema(min_length = 1, max_length = 40000)]
    pub html: String,
}

impl PlantillaSeccion {
    fn partes(&self) -> Partes {
        Partes { asunto: self.asunto.clone(), texto: self.texto.clone(), html: self.html.clone() }
    }
}

/// What is wrong with the sections, before anything is written.
pub fn revisar(correos: Option<&DatosAjustes>, secciones: &[PlantillaSeccion]) -> Vec<Fault> {
    let wrong = correos.and_then(|datos| datos.clone().check().err()).unwrap_or_default();
    let mut faults: Vec<Fault> =
        wrong.iter().map(|e| Fault::new(format!("correos{}", e.pointer.replace('/', ".")), e.detail.clone())).collect();
    for (index, seccion) in secciones.iter().enumerate() {
        if secciones[..index].iter().any(|other| other.tipo == seccion.tipo) {
            faults.push(Fault::new(format!("plantillas[{index}].tipo"), "está repetido"));
        }
        let wrong = revisar_plantilla(seccion.tipo, &seccion.partes());
        faults.extend(wrong.iter().map(|e| Fault::new(format!("plantillas[{index}]{}", e.pointer.replace('/', ".")), e.detail.clone())));
    }
    faults
}

/// Brings the sections into the database; see `kernel::apply` for which wins.
pub async fn aplicar(
    tx: &mut Tx,
    correos: Option<&DatosAjustes>,
    secciones: &[PlantillaSeccion],
    report: &mut Report,
) -> Result<(), Problem> {
    let mut diff = Diff::load(tx, "correos").await?;
    if let Some(datos) = correos.and_then(|datos| datos.clone().check().ok()) {
        ajustes::hold(tx).await?;
        let current = ajustes::find(tx).await?.map(|ajustes| ajustes.datos);
        if diff.entry("ajustes", "ajustes", &datos, current.as_ref()) != Verdict::Dejar {
            ajustes::put(tx, &datos).await?;
        }
    }
    diff.save(tx, report).await?;
    let mut diff = Diff::load(tx, "plantilla").await?;
    for seccion in secciones {
        let current = plantillas::hold(tx, seccion.tipo).await?;
        let (partes, clave) = (seccion.partes(), seccion.tipo.clave());
        if diff.entry(clave, clave, &partes, current.propia.then_some(&current.partes)) != Verdict::Dejar {
            plantillas::put(tx, seccion.tipo, Some(&partes)).await?;
        }
    }
    diff.save(tx, report).await
}
