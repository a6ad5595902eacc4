//! Requests about personal data. What people wrote is sealed with the request's own key.
use crate::model::{
    derecho::Derecho,
    solicitud::{EstadoSolicitud, Identidad, Pedido, Solicitud},
};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::{Problem, Tx, crypto::PersonKey, ids::TutorId};
use pacientes::Canal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// What is sealed of a request.
#[derive(Serialize, Deserialize)]
struct Reserva {
    pedido: Option<Pedido>,
    observacion: Option<String>,
    ampliacion_motivo: Option<String>,
    respuesta: Option<String>,
}

fn seal(key: &PersonKey, solicitud: &Solicitud) -> Result<Vec<u8>, Problem> {
    let Solicitud { pedido, observacion, ampliacion_motivo, respuesta, .. } = solicitud.clone();
    let text = serde_json::to_string(&Reserva { pedido, observacion, ampliacion_motivo, respuesta }).map_err(Problem::internal)?;
    Ok(key.seal("reserva", &text))
}

/// National holidays from a day on, for counting working days.
pub async fn feriados(tx: &mut Tx, desde: Date) -> Result<BTreeSet<Date>, Problem> {
    let rows = sqlx::query_scalar!(r#"select fecha as "fecha!" from v_feriados where ambito = '' and fecha >= $1"#, desde.to_sqlx() as _)
        .fetch_all(&mut **tx)
        .await?;
    Ok(rows.into_iter().map(|day| day.to_jiff()).collect())
}

/// The next number of the chain; whoever asks after this one waits for it.
pub async fn next_number(tx: &mut Tx) -> Result<i32, Problem> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended(tenant_actual()::text || 'solicitudes_datos', 0))")
        .execute(&mut **tx)
        .await?;
    Ok(sqlx::query_scalar!(r#"select coalesce(max(numero), 0) + 1 as "numero!" from solicitudes_datos"#).fetch_one(&mut **tx).await?)
}

/// Whose data it is, if the chain has somebody of that id.
pub async fn insert(tx: &mut Tx, solicitud: &Solicitud) -> Result<(), Problem> {
    let key = tx.create_person_key(solicitud.id).await?;
    let (reserva, autor, now) = (seal(&key, solicitud)?, tx.author(), tx.now().to_sqlx());
    sqlx::query!(
        "insert into solicitudes_datos (id, numero, derecho, canal, tutor_id, estado, identidad, reserva_cifrada, recibida_el, vence_el, aviso_el,
                                        registrada_por, registrada_en)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        solicitud.id,
        solicitud.numero,
        solicitud.derecho as _,
        solicitud.canal as _,
        solicitud.tutor_id as _,
        solicitud.estado as _,
        solicitud.identidad as _,
        reserva,
        solicitud.recibida_el.to_sqlx() as _,
        solicitud.vence_el.map(ToSqlx::to_sqlx) as _,
        solicitud.aviso_el.map(ToSqlx::to_sqlx) as _,
        autor,
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Saves a step. A clock that was moved is told of again.
pub async fn save(tx: &mut Tx, solicitud: &Solicitud) -> Result<(), Problem> {
    let reserva = match tx.person_key(solicitud.id).await? {
        Some(key) => Some(seal(&key, solicitud)?),
        None => None,
    };
    sqlx::query!(
        "update solicitudes_datos set estado = $2, identidad = $3, tutor_id = $4, reserva_cifrada = coalesce($5, reserva_cifrada), vence_el = $6,
                aviso_el = $7, respondida_en = $8, ampliada = $9,
                aviso = case when vence_el is distinct from $6::date then null else aviso end, version = version + 1
          where id = $1",
        solicitud.id,
        solicitud.estado as _,
        solicitud.identidad as _,
        solicitud.tutor_id as _,
        reserva,
        solicitud.vence_el.map(ToSqlx::to_sqlx) as _,
        solicitud.aviso_el.map(ToSqlx::to_sqlx) as _,
        solicitud.respondida_en.map(ToSqlx::to_sqlx) as _,
        solicitud.ampliacion_motivo.is_some()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A copy of what was handed over, under the request's key.
pub async fn attach(tx: &mut Tx, id: Uuid, expediente: &Value) -> Result<(), Problem> {
    let key = tx.person_key(id).await?.ok_or_else(Problem::not_found)?;
    let sealed = key.seal("expediente", &expediente.to_string());
    sqlx::query!("update solicitudes_datos set expediente_cifrado = $2 where id = $1", id, sealed).execute(&mut **tx).await?;
    Ok(())
}

/// `None`: no such request. `Some(None)`: nothing was handed over, or it was kept long enough.
pub async fn attached(tx: &mut Tx, id: Uuid) -> Result<Option<Option<Value>>, Problem> {
    let row = sqlx::query_scalar!("select expediente_cifrado from solicitudes_datos where id = $1", id).fetch_optional(&mut **tx).await?;
    let Some(sealed) = row else { return Ok(None) };
    let (Some(key), Some(sealed)) = (tx.person_key(id).await?, sealed) else { return Ok(Some(None)) };
    serde_json::from_str(&key.open("expediente", &sealed)?).map(|value| Some(Some(value))).map_err(Problem::internal)
}

/// Which requests; those that are due first.
#[derive(Debug, Default)]
pub struct Filtro {
    pub id: Option<Uuid>,
    pub estado: Option<EstadoSolicitud>,
    pub derecho: Option<Derecho>,
    pub vence_hasta: Option<Date>,
    /// After this number.
    pub desde: Option<i32>,
}

/// The last ones first.
pub async fn list(tx: &mut Tx, filtro: &Filtro, limit: i64) -> Result<Vec<Solicitud>, Problem> {
    let rows = sqlx::query!(
        r#"select id, numero, derecho as "derecho: Derecho", canal as "canal: Canal", tutor_id as "tutor_id: TutorId",
                  estado as "estado: EstadoSolicitud", identidad as "identidad: Identidad", reserva_cifrada, recibida_el,
                  vence_el as "vence_el: jiff_sqlx::Date", aviso_el as "aviso_el: jiff_sqlx::Date",
                  respondida_en as "respondida_en: jiff_sqlx::Timestamp", expediente_cifrado is not null as "con_expediente!", version
             from solicitudes_datos
            where ($1::uuid is null or id = $1) and ($2::text is null or estado = $2) and ($3::text is null or derecho = $3)
              and ($4::date is null or (estado = 'recibida' and vence_el <= $4)) and ($5::integer is null or numero < $5)
            order by numero desc limit $6"#,
        filtro.id,
        filtro.estado as _,
        filtro.derecho as _,
        filtro.vence_hasta.map(ToSqlx::to_sqlx) as _,
        filtro.desde,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let keys: HashMap<Uuid, PersonKey> = tx.person_keys(&ids).await?.into_iter().collect();
    rows.into_iter()
        .map(|row| {
            let reserva = match keys.get(&row.id) {
                Some(key) => serde_json::from_str(&key.open("reserva", &row.reserva_cifrada)?).map_err(Problem::internal)?,
                None => Reserva { pedido: None, observacion: None, ampliacion_motivo: None, respuesta: None },
            };
            Ok(Solicitud {
                id: row.id,
                numero: row.numero,
                derecho: row.derecho,
                canal: row.canal,
                tutor_id: row.tutor_id,
                estado: row.estado,
                identidad: row.identidad,
                pedido: reserva.pedido,
                recibida_el: row.recibida_el.to_jiff(),
                vence_el: row.vence_el.map(|day| day.to_jiff()),
                fuera_de_plazo: false,
                ampliacion_motivo: reserva.ampliacion_motivo,
                observacion: reserva.observacion,
                respondida_en: row.respondida_en.map(|en| en.to_jiff()),
                respuesta: reserva.respuesta,
                con_expediente: row.con_expediente,
                version: row.version,
                aviso_el: row.aviso_el.map(|day| day.to_jiff()),
            })
        })
        .collect()
}

pub async fn find(tx: &mut Tx, id: Uuid) -> Result<Option<Solicitud>, Problem> {
    Ok(list(tx, &Filtro { id: Some(id), ..Filtro::default() }, 1).await?.pop())
}

/// Steps of one request come one after the other.
pub async fn hold(tx: &mut Tx, id: Uuid) -> Result<(), Problem> {
    sqlx::query!("select from solicitudes_datos where id = $1 for update", id).execute(&mut **tx).await?;
    Ok(())
}
