//! What may be written down, and in which form it is kept.
use super::{Alcance, Catalogo, Gravedad, HechoTipo, Sustancia, Via, clinico::*, hoy, mediodia};
use jiff::{Timestamp, civil::Date};
use kernel::{
    FieldError, Problem,
    ids::{CitaId, SedeId, UsuarioId, VacunaId},
};
use pacientes::Retenida;
use serde::Deserialize;
use utoipa::ToSchema;

/// What every kind says, beside its own.
#[derive(Debug, Clone, Default)]
pub struct Comunes {
    pub fecha: Option<Date>,
    pub sede_id: Option<SedeId>,
    pub medico_id: Option<UsuarioId>,
    pub cita_id: Option<CitaId>,
    pub profesional: Option<String>,
    pub anterior: bool,
    pub texto: Option<String>,
}

/// A body with fields of its own and those that all have.
macro_rules! cuerpos {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field:meta])* $own:ident: $kind:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$field])* pub $own: $kind,)*
            /// Cuándo se hizo o empezó; hoy, si falta.
            pub fecha: Option<Date>,
            /// Sede donde fue, si fue en una.
            pub sede_id: Option<SedeId>,
            /// El médico; si falta y quien anota lo es, quien anota.
            pub medico_id: Option<UsuarioId>,
            /// La cita en que fue.
            pub cita_id: Option<CitaId>,
            /// Quién lo hizo o lo dijo, si no es de esta cadena.
            #[schema(min_length = 1, max_length = 120, format = "texto")]
            pub profesional: Option<String>,
            /// Ocurrió en otro lugar: lo cuenta el carné o el tutor.
            #[serde(default)]
            pub anterior: bool,
            #[schema(min_length = 1, max_length = 10000, format = "texto")]
            pub texto: Option<String>,
        }
        impl $name {
            pub fn comunes(&self) -> Comunes {
                Comunes {
                    fecha: self.fecha,
                    sede_id: self.sede_id,
                    medico_id: self.medico_id,
                    cita_id: self.cita_id,
                    profesional: self.profesional.clone(),
                    anterior: self.anterior,
                    texto: self.texto.clone(),
                }
            }
        }
    )*};
}

cuerpos! {
    /// Anota una vacuna aplicada.
    NuevaVacunacion {
        /// Una vacuna del catálogo; o bien su nombre en `producto` y sus `antigenos`.
        vacuna_id: Option<VacunaId>,
        #[schema(min_length = 1, max_length = 120, format = "texto")]
        producto: Option<String>,
        /// Claves de antígenos del catálogo, si no es una vacuna del catálogo. Sin ellos, solo una `anterior`.
        #[schema(min_items = 1, max_items = 20)]
        antigenos: Option<Vec<String>>,
        #[schema(min_length = 1, max_length = 80, format = "texto")]
        fabricante: Option<String>,
        #[schema(min_length = 1, max_length = 60, format = "texto")]
        lote: Option<String>,
        /// Vencimiento del lote, como en la etiqueta: `2027-05` o `2027-05-31`.
        #[schema(pattern = "^[0-9]{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?$")]
        vence: Option<String>,
        via: Option<Via>,
        #[schema(min_length = 1, max_length = 80, format = "texto")]
        sitio: Option<String>,
        #[schema(min_length = 1, max_length = 60, format = "texto")]
        dosis: Option<String>,
        /// Cuándo toca la siguiente dosis.
        proxima: Option<Date>,
    }
    /// Anota una desparasitación.
    NuevaDesparasitacion {
        #[schema(min_length = 1, max_length = 120, format = "texto")]
        producto: String,
        alcance: Alcance,
        /// Principios activos.
        #[schema(min_items = 1, max_items = 10)]
        activos: Vec<String>,
        #[schema(min_length = 1, max_length = 60, format = "texto")]
        lote: Option<String>,
        via: Option<Via>,
        #[schema(min_length = 1, max_length = 60, format = "texto")]
        dosis: Option<String>,
        /// Cuándo toca la siguiente.
        proxima: Option<Date>,
    }
    /// Anota un problema.
    NuevoProblema {
        #[schema(min_length = 1, max_length = 120, format = "texto")]
        nombre: String,
        /// Código en la lista de diagnósticos que use la cadena.
        #[schema(min_length = 1, max_length = 40, format = "texto")]
        codigo: Option<String>,
        #[serde(default)]
        cronico: bool,
    }
    /// Anota una alergia.
    NuevaAlergia {
        /// Lo que la causa.
        #[schema(min_length = 1, max_length = 120, format = "texto")]
        a: String,
        sustancia: Sustancia,
        gravedad: Gravedad,
        #[schema(min_length = 1, max_length = 500, format = "texto")]
        reaccion: Option<String>,
    }
    /// Anota un tratamiento.
    NuevoTratamiento {
        #[schema(min_length = 1, max_length = 120, format = "texto")]
        farmaco: String,
        #[schema(min_length = 1, max_length = 120, format = "texto")]
        dosis: String,
        /// Cada cuántas horas; sin esto, de una vez o a demanda.
        #[schema(minimum = 1, maximum = 8760)]
        cada_horas: Option<i32>,
        via: Option<Via>,
        /// Hasta cuándo; sin esto, hasta que alguien lo termine.
        hasta: Option<Date>,
    }
}

/// What the database knows about what a request refers to.
#[derive(Debug, Default, Clone)]
pub struct Referencias {
    pub catalogo: Catalogo,
    /// Vets of the chain, of those that were named.
    pub es_medico: bool,
    /// The author, if they are a vet.
    pub autor: Option<UsuarioId>,
    /// The appointment is one of this pet, and seen.
    pub es_su_cita: bool,
}

/// A line, checked and in the form in which it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asiento {
    pub detalle: DetalleClinico,
    pub titulo: String,
    pub fecha: Date,
    pub en: Timestamp,
    pub hasta: Option<Date>,
    pub proxima: Option<Date>,
    pub texto: Option<String>,
    pub sede_id: Option<SedeId>,
    pub medico_id: Option<UsuarioId>,
    pub cita_id: Option<CitaId>,
    pub profesional: Option<String>,
    pub anterior: bool,
}

/// What is said, with what it takes to judge it.
pub struct Dicho<'a> {
    pub mascota: &'a Retenida,
    pub referencias: &'a Referencias,
    pub now: Timestamp,
}

fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn tidy_all(all: &[String], at: &str, errors: &mut Vec<FieldError>) -> Vec<String> {
    let mut tidied: Vec<String> = Vec::with_capacity(all.len());
    for (index, one) in all.iter().enumerate() {
        let one = tidy(one);
        if one.is_empty() || one.chars().count() > 80 {
            errors.push(FieldError::new(format!("{at}/{index}"), "debe tener de 1 a 80 caracteres"));
        } else if !tidied.contains(&one) {
            tidied.push(one);
        }
    }
    tidied
}

impl Dicho<'_> {
    /// What all kinds have in common; `own` are the faults of its own.
    fn asiento(&self, comunes: Comunes, titulo: &str, detalle: DetalleClinico, mut own: Vec<FieldError>) -> Result<Asiento, Problem> {
        let hoy = hoy(self.now);
        let fecha = comunes.fecha.unwrap_or(hoy);
        let mut wrong = |field: &'static str, detail: &'static str| own.push(FieldError::new(field, detail));
        if let Some(detail) = self.mascota.imposible(fecha, hoy) {
            wrong("/fecha", detail);
        }
        if comunes.medico_id.is_some() && !self.referencias.es_medico {
            wrong("/medico_id", "no es un médico de esta cadena");
        }
        if comunes.cita_id.is_some() && !self.referencias.es_su_cita {
            wrong("/cita_id", "no es una cita de esta mascota");
        }
        let medico_id = comunes.medico_id.or(self.referencias.autor.filter(|_| !comunes.anterior));
        if detalle.tipo() == HechoTipo::Vacuna && !comunes.anterior && medico_id.is_none() {
            wrong("/medico_id", "es obligatorio: indique el médico que la aplicó");
        }
        Problem::check(own)?;
        Ok(Asiento {
            detalle,
            titulo: tidy(titulo),
            fecha,
            en: if fecha == hoy && !comunes.anterior { self.now } else { mediodia(fecha) },
            hasta: None,
            proxima: None,
            texto: comunes.texto.map(|texto| texto.trim().to_owned()),
            sede_id: comunes.sede_id,
            medico_id,
            cita_id: comunes.cita_id,
            profesional: comunes.profesional.as_deref().map(tidy),
            anterior: comunes.anterior,
        })
    }

    /// The next time is after this one.
    fn proxima(&self, fecha: Option<Date>, proxima: Option<Date>, errors: &mut Vec<FieldError>) {
        if proxima.is_some_and(|proxima| proxima <= fecha.unwrap_or(hoy(self.now))) {
            errors.push(FieldError::new("/proxima", "debe ser posterior a la fecha"));
        }
    }

    pub fn vacuna(&self, nueva: &NuevaVacunacion) -> Result<Asiento, Problem> {
        let (catalogo, especie) = (&self.referencias.catalogo, &self.mascota.especie);
        let mut errors = Vec::new();
        let mut wrong = |field: String, detail: &'static str| errors.push(FieldError::new(field, detail));
        let known = nueva.vacuna_id.and_then(|id| catalogo.vacunas.iter().find(|vacuna| vacuna.id == id));
        match (nueva.vacuna_id, &nueva.producto) {
            (None, None) => wrong("/vacuna_id".into(), "es obligatorio: indique vacuna_id o producto"),
            (Some(_), Some(_)) => wrong("/producto".into(), "indique vacuna_id o producto, no ambos"),
            (Some(_), None) if known.is_none() => wrong("/vacuna_id".into(), "no es una vacuna de esta cadena"),
            _ => {}
        }
        if known.is_some_and(|vacuna| !vacuna.especies.contains(especie)) {
            wrong("/vacuna_id".into(), "no es para la especie de esta mascota");
        }
        if known.is_some_and(|vacuna| !vacuna.activa) && !nueva.anterior {
            wrong("/vacuna_id".into(), "ya no se usa");
        }
        match &nueva.antigenos {
            Some(_) if nueva.vacuna_id.is_some() => wrong("/antigenos".into(), "son los de la vacuna del catálogo: no los indique"),
            None if nueva.producto.is_some() && !nueva.anterior => {
                wrong("/antigenos".into(), "es obligatorio: indique vacuna_id o antigenos")
            }
            _ => {}
        }
        for (index, clave) in nueva.antigenos.iter().flatten().enumerate() {
            if !catalogo.antigenos.iter().any(|antigeno| antigeno.clave == *clave) {
                wrong(format!("/antigenos/{index}"), "no es un antígeno de esta cadena");
            }
        }
        self.proxima(nueva.fecha, nueva.proxima, &mut errors);
        let detalle = DetalleClinico::Vacuna(DetalleVacuna {
            vacuna_id: nueva.vacuna_id,
            antigenos: known.map(|vacuna| vacuna.antigenos.clone()).or_else(|| nueva.antigenos.clone()),
            fabricante: nueva.fabricante.as_deref().map(tidy).or_else(|| known.and_then(|vacuna| vacuna.fabricante.clone())),
            lote: nueva.lote.as_deref().map(tidy),
            vence: nueva.vence.clone(),
            via: nueva.via,
            sitio: nueva.sitio.as_deref().map(tidy),
            dosis: nueva.dosis.as_deref().map(tidy),
        });
        let titulo = known.map(|vacuna| vacuna.nombre.as_str()).or(nueva.producto.as_deref()).unwrap_or_default();
        let asiento = self.asiento(nueva.comunes(), titulo, detalle, errors)?;
        Ok(Asiento { proxima: nueva.proxima, ..asiento })
    }

    pub fn desparasitacion(&self, nueva: &NuevaDesparasitacion) -> Result<Asiento, Problem> {
        let mut errors = Vec::new();
        let activos = tidy_all(&nueva.activos, "/activos", &mut errors);
        self.proxima(nueva.fecha, nueva.proxima, &mut errors);
        let detalle = DetalleClinico::Desparasitacion(DetalleDesparasitacion {
            alcance: nueva.alcance,
            activos,
            lote: nueva.lote.as_deref().map(tidy),
            via: nueva.via,
            dosis: nueva.dosis.as_deref().map(tidy),
        });
        let asiento = self.asiento(nueva.comunes(), &nueva.producto, detalle, errors)?;
        Ok(Asiento { proxima: nueva.proxima, ..asiento })
    }

    pub fn problema(&self, nuevo: &NuevoProblema) -> Result<Asiento, Problem> {
        let detalle = DetalleProblema { codigo: nuevo.codigo.as_deref().map(tidy), cronico: nuevo.cronico };
        self.asiento(nuevo.comunes(), &nuevo.nombre, DetalleClinico::Problema(detalle), Vec::new())
    }

    pub fn alergia(&self, nueva: &NuevaAlergia) -> Result<Asiento, Problem> {
        let reaccion = nueva.reaccion.as_deref().map(tidy);
        let detalle = DetalleAlergia { sustancia: nueva.sustancia, gravedad: nueva.gravedad, reaccion };
        self.asiento(nueva.comunes(), &nueva.a, DetalleClinico::Alergia(detalle), Vec::new())
    }

    pub fn tratamiento(&self, nuevo: &NuevoTratamiento) -> Result<Asiento, Problem> {
        let mut errors = Vec::new();
        if nuevo.hasta.is_some_and(|hasta| hasta < nuevo.fecha.unwrap_or(hoy(self.now))) {
            errors.push(FieldError::new("/hasta", "es anterior a su comienzo"));
        }
        let detalle = DetalleTratamiento { dosis: tidy(&nuevo.dosis), cada_horas: nuevo.cada_horas, via: nuevo.via };
        let asiento = self.asiento(nuevo.comunes(), &nuevo.farmaco, DetalleClinico::Tratamiento(detalle), errors)?;
        Ok(Asiento { hasta: nuevo.hasta, ..asiento })
    }
}
