//! What happened to a pet's record itself.
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{MascotaId, SedeId, TutorId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Lo que se hizo con un tutor o un identificador.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Accion {
    Agregado,
    Retirado,
}

/// Un hecho de la ficha de una mascota.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "tipo", rename_all = "snake_case")]
pub enum Hecho {
    /// Se registró, con su primer propietario.
    Registro {
        tutor_id: TutorId,
        #[serde(default)]
        tutor: Option<String>,
    },
    /// Cambiaron datos de la ficha.
    Cambio {
        /// Los campos que cambiaron.
        campos: Vec<String>,
    },
    /// Empezó o dejó de responder por ella un tutor.
    Tutor {
        accion: Accion,
        relacion: crate::model::Relacion,
        tutor_id: TutorId,
        #[serde(default)]
        tutor: Option<String>,
    },
    /// Se agregó o se retiró un identificador.
    Identificador { accion: Accion, identificador: crate::model::IdentificadorTipo, valor: String },
    /// Cambió la foto.
    Foto,
    /// Falleció.
    Fallecimiento { fecha: Date, causa: String },
    /// El fallecimiento se había registrado por error.
    FallecimientoCorregido { motivo: String },
    /// Otro registro se fusionó con este.
    Fusion { de: MascotaId },
    /// Aquella fusión se deshizo.
    FusionDeshecha { de: MascotaId },
    /// Se anotó su peso.
    Peso {
        kg: f64,
        sede_id: Option<SedeId>,
        /// Condición corporal, de 1 a 9.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        condicion: Option<i16>,
        /// Por qué se anuló, si se anuló.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        anulado_motivo: Option<String>,
    },
}

impl Hecho {
    fn tipo(&self) -> &'static str {
        match self {
            Self::Registro { .. } => "registro",
            Self::Cambio { .. } => "cambio",
            Self::Tutor { .. } => "tutor",
            Self::Identificador { .. } => "identificador",
            Self::Foto => "foto",
            Self::Fallecimiento { .. } => "fallecimiento",
            Self::FallecimientoCorregido { .. } => "fallecimiento_corregido",
            Self::Fusion { .. } => "fusion",
            Self::FusionDeshecha { .. } => "fusion_deshecha",
            Self::Peso { .. } => "peso",
        }
    }
    /// The owner's name is looked up when it is read: it may have changed since.
    fn named(mut self, nombre: Option<String>) -> Self {
        if let Self::Registro { tutor, .. } | Self::Tutor { tutor, .. } = &mut self {
            *tutor = nombre;
        }
        self
    }
}

/// Un hecho y su momento.
#[derive(Debug)]
pub struct EntradaPaciente {
    pub id: Uuid,
    pub en: Timestamp,
    pub autor_id: Uuid,
    pub hecho: Hecho,
}

/// Adds to a pet's timeline.
pub async fn note(tx: &mut Tx, mascota: MascotaId, hecho: &Hecho) -> Result<(), Problem> {
    let (autor, now) = (tx.author(), tx.now().to_sqlx());
    let detalle = serde_json::to_value(hecho).map_err(Problem::internal)?;
    sqlx::query!(
        "insert into mascotas_hechos (id, mascota_id, en, tipo, detalle, autor_id) values ($1, $2, $3, $4, $5, $6)",
        Uuid::now_v7(),
        mascota as _,
        now as _,
        hecho.tipo(),
        detalle,
        autor
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Which part of a pet's own timeline is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parte {
    Todo,
    Ficha,
    Pesos,
}

/// Facts and weights of a pet, newest first, before a position. The owners are looked up one by one (offset 0): the
/// planner would read all of the chain's for the few there are.
pub async fn historial(
    tx: &mut Tx,
    mascota: MascotaId,
    parte: Parte,
    antes: Option<(Timestamp, Uuid)>,
    limite: i64,
) -> Result<Vec<EntradaPaciente>, Problem> {
    let (en, id) = antes.unzip();
    let (ficha, pesos) = (parte != Parte::Pesos, parte != Parte::Ficha);
    let rows = sqlx::query!(
        r#"select x.id as "id!", x.en as "en!", x.autor_id as "autor_id!", x.detalle, x.gramos, x.sede_id as "sede_id: SedeId", x.condicion, x.anulado_motivo,
                  t.nombres as "nombres?", t.apellidos as "apellidos?"
             from ((select id, en, autor_id, detalle, null::int as gramos, null::uuid as sede_id, null::smallint as condicion, null::text as anulado_motivo
                      from mascotas_hechos where mascota_id = $1 and $5 and ($2::timestamptz is null or (en <= $2 and (en < $2 or id < $3)))
                     order by en desc, id desc limit $4)
                   union all
                   (select id, pesado_en, autor_id, null, (kg * 1000)::int, sede_id, condicion, anulado_motivo
                      from pesos where mascota_id = $1 and $6 and ($2::timestamptz is null or (pesado_en <= $2 and (pesado_en < $2 or id < $3)))
                     order by pesado_en desc, id desc limit $4)) x
             left join lateral (select nombres, apellidos from tutores where id = (x.detalle ->> 'tutor_id')::uuid offset 0) t on true
            order by x.en desc, x.id desc limit $4"#,
        mascota as _,
        en.map(ToSqlx::to_sqlx) as _,
        id,
        limite,
        ficha,
        pesos
    )
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            let hecho = match (row.detalle, row.gramos) {
                (Some(detalle), _) => serde_json::from_value::<Hecho>(detalle).map_err(Problem::internal)?,
                (None, gramos) => Hecho::Peso {
                    kg: f64::from(gramos.unwrap_or_default()) / 1000.0,
                    sede_id: row.sede_id,
                    condicion: row.condicion,
                    anulado_motivo: row.anulado_motivo,
                },
            };
            let nombre = row.nombres.map(|nombres| crate::model::full_name(&nombres, row.apellidos.as_deref().unwrap_or_default()));
            Ok(EntradaPaciente { id: row.id, en: row.en.to_jiff(), autor_id: row.autor_id, hecho: hecho.named(nombre) })
        })
        .collect()
}
