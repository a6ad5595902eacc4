//! The section `[[servicios]]` of a chain's file.
use crate::{
    model::{AmbienteTipo, DatosServicio, Servicio, check_equipment},
    store,
};
use kernel::{
    Change, Problem, Soles, Tx,
    apply::{Diff, Fault, Report, Verdict},
    ids::{ServicioId, UsuarioId},
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::ToSchema;

/// One service of the file.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServicioSeccion {
    #[schema(pattern = "^[A-Z0-9-]{2,20}$")]
    pub codigo: String,
    #[schema(min_length = 1, max_length = 120, format = "texto")]
    pub nombre: String,
    #[schema(minimum = 5, maximum = 720)]
    pub duracion_min: i32,
    #[serde(default)]
    #[schema(minimum = 0, maximum = 240)]
    pub antes_min: i32,
    #[serde(default)]
    #[schema(minimum = 0, maximum = 240)]
    pub despues_min: i32,
    pub ambiente_tipo: Option<AmbienteTipo>,
    #[serde(default)]
    #[schema(max_items = 10)]
    pub equipos_tipos: Vec<String>,
    #[schema(pattern = "^#[0-9a-f]{6}$")]
    pub color: Option<String>,
    #[schema(max_length = 1000)]
    pub indicaciones: Option<String>,
    pub precio: Option<Soles>,
    /// Nobody is written to about its appointments.
    #[serde(default)]
    pub silencioso: bool,
    /// E-mails of `[[personal]]`; every vet gives it if there are none.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub medicos: Vec<String>,
}

/// What is compared. Vets stand here by id: an e-mail is personal.
#[derive(Serialize)]
struct Estado<'a> {
    nombre: &'a str,
    duracion_min: i32,
    antes_min: i32,
    despues_min: i32,
    ambiente_tipo: Option<AmbienteTipo>,
    equipos_tipos: &'a [String],
    color: Option<&'a str>,
    indicaciones: Option<&'a str>,
    precio: Option<Soles>,
    medicos: Vec<UsuarioId>,
    /// Left out as it was before it could be said, or every file would seem changed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    silencioso: bool,
    activo: bool,
}

impl<'a> From<&'a DatosServicio> for Estado<'a> {
    fn from(datos: &'a DatosServicio) -> Self {
        let mut medicos = datos.medicos.clone();
        medicos.sort_unstable();
        Self {
            nombre: &datos.nombre,
            duracion_min: datos.duracion_min,
            antes_min: datos.antes_min,
            despues_min: datos.despues_min,
            ambiente_tipo: datos.ambiente_tipo,
            equipos_tipos: &datos.equipos_tipos,
            color: datos.color.as_deref(),
            indicaciones: datos.indicaciones.as_deref(),
            precio: datos.precio,
            medicos,
            silencioso: datos.silencioso,
            activo: datos.activo,
        }
    }
}

impl From<Servicio> for DatosServicio {
    fn from(servicio: Servicio) -> Self {
        Self {
            codigo: servicio.codigo,
            nombre: servicio.nombre,
            duracion_min: servicio.duracion_min,
            antes_min: servicio.antes_min,
            despues_min: servicio.despues_min,
            ambiente_tipo: servicio.ambiente_tipo,
            equipos_tipos: servicio.equipos_tipos,
            color: servicio.color,
            indicaciones: servicio.indicaciones,
            precio: servicio.precio,
            medicos: servicio.medicos,
            silencioso: servicio.silencioso,
            activo: servicio.activo,
        }
    }
}

impl ServicioSeccion {
    fn datos(&self, at: &str, medicos: &HashMap<String, UsuarioId>, faults: &mut Vec<Fault>) -> DatosServicio {
        let wrong = check_equipment(&self.equipos_tipos);
        faults.extend(wrong.into_iter().map(|error| Fault::new(format!("{at}{}", error.pointer.replace('/', ".")), error.detail)));
        let mut ids = Vec::new();
        for (index, correo) in self.medicos.iter().enumerate() {
            match medicos.get(&kernel::text::email(correo)) {
                Some(id) => ids.push(*id),
                None => faults.push(Fault::new(format!("{at}.medicos[{index}]"), "no hay personal con este correo")),
            }
        }
        DatosServicio {
            codigo: self.codigo.clone(),
            nombre: self.nombre.trim().to_owned(),
            duracion_min: self.duracion_min,
            antes_min: self.antes_min,
            despues_min: self.despues_min,
            ambiente_tipo: self.ambiente_tipo,
            equipos_tipos: self.equipos_tipos.clone(),
            color: self.color.clone(),
            indicaciones: self.indicaciones.clone(),
            precio: self.precio,
            medicos: ids,
            silencioso: self.silencioso,
            activo: true,
        }
    }
}

/// The services in use, by their codes.
pub async fn por_codigo(tx: &mut Tx) -> Result<HashMap<String, ServicioId>, Problem> {
    Ok(store::list(tx, true, None, i64::MAX).await?.into_iter().map(|servicio| (servicio.codigo, servicio.id)).collect())
}

/// Applies the services. `medicos` gives the id of each person's e-mail (lower case).
pub async fn aplicar(
    tx: &mut Tx,
    secciones: &[ServicioSeccion],
    medicos: &HashMap<String, UsuarioId>,
    report: &mut Report,
) -> Result<Vec<Fault>, Problem> {
    let mut faults = Vec::new();
    let with_index = secciones.iter().enumerate();
    let wanted: Vec<DatosServicio> =
        with_index.map(|(index, seccion)| seccion.datos(&format!("servicios[{index}]"), medicos, &mut faults)).collect();
    for (index, datos) in wanted.iter().enumerate() {
        if wanted[..index].iter().any(|other| other.codigo == datos.codigo) {
            faults.push(Fault::new(format!("servicios[{index}].codigo"), "está repetido"));
        }
    }
    if !faults.is_empty() {
        return Ok(faults);
    }
    let known: HashMap<String, Servicio> =
        store::list(tx, false, None, i64::MAX).await?.into_iter().map(|servicio| (servicio.codigo.clone(), servicio)).collect();
    let mut diff = Diff::load(tx, "servicio").await?;
    for datos in &wanted {
        let current = known.get(&datos.codigo);
        let current_datos = current.cloned().map(DatosServicio::from);
        let state = current_datos.as_ref().map(Estado::from);
        match (diff.entry(&datos.codigo, &datos.codigo, &Estado::from(datos), state.as_ref()), current) {
            (Verdict::Crear, _) => {
                let id = store::insert(tx, datos).await?;
                tx.audit(Change::new("crear", "servicio", id).despues(Estado::from(datos)));
            }
            (Verdict::Cambiar, Some(antes)) => {
                store::update(tx, antes.id, datos).await?;
                tx.audit(Change::new("cambiar", "servicio", antes.id).antes(antes).despues(Estado::from(datos)));
            }
            _ => {}
        }
    }
    diff.save(tx, report).await?;
    Ok(faults)
}
