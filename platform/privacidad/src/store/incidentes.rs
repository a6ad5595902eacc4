//! The register of incidents.
use crate::model::incidente::{DatosIncidente, EstadoIncidente, Incidente, IncidenteTipo};
use jiff_sqlx::ToSqlx;
use kernel::{Problem, Tx};
use sqlx::types::Json;
use uuid::Uuid;

/// The next number of the chain; whoever asks after this one waits for it.
pub async fn next_number(tx: &mut Tx) -> Result<i32, Problem> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended(tenant_actual()::text || 'incidentes_datos', 0))")
        .execute(&mut **tx)
        .await?;
    Ok(sqlx::query_scalar!(r#"select coalesce(max(numero), 0) + 1 as "numero!" from incidentes_datos"#).fetch_one(&mut **tx).await?)
}

pub async fn insert(tx: &mut Tx, incidente: &Incidente) -> Result<(), Problem> {
    let (autor, now, datos) = (tx.author(), tx.now().to_sqlx(), &incidente.datos);
    sqlx::query!(
        "insert into incidentes_datos (id, numero, estado, tipo, detectado_en, vence_en, descripcion, datos, personas_aprox, medidas,
                                       registrado_por, registrado_en)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        incidente.id,
        incidente.numero,
        incidente.estado as _,
        datos.tipo as _,
        datos.detectado_en.to_sqlx() as _,
        incidente.vence_en.to_sqlx() as _,
        datos.descripcion,
        Json(&datos.datos) as _,
        datos.personas_aprox,
        datos.medidas,
        autor,
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Saves a step. A clock that was moved is told of again.
pub async fn save(tx: &mut Tx, incidente: &Incidente) -> Result<(), Problem> {
    let datos = &incidente.datos;
    sqlx::query!(
        "update incidentes_datos set estado = $2, tipo = $3, detectado_en = $4, vence_en = $5, descripcion = $6, datos = $7, personas_aprox = $8,
                medidas = $9, notificado_en = $10, constancia = $11, titulares_avisados_en = $12, cerrado_en = $13, conclusion = $14,
                aviso = case when vence_en is distinct from $5::timestamptz then null else aviso end, version = version + 1
          where id = $1",
        incidente.id,
        incidente.estado as _,
        datos.tipo as _,
        datos.detectado_en.to_sqlx() as _,
        incidente.vence_en.to_sqlx() as _,
        datos.descripcion,
        Json(&datos.datos) as _,
        datos.personas_aprox,
        datos.medidas,
        incidente.notificado_en.map(ToSqlx::to_sqlx) as _,
        incidente.constancia,
        incidente.titulares_avisados_en.map(ToSqlx::to_sqlx) as _,
        incidente.cerrado_en.map(ToSqlx::to_sqlx) as _,
        incidente.conclusion
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The last ones first, before a number.
pub async fn list(
    tx: &mut Tx,
    id: Option<Uuid>,
    estado: Option<EstadoIncidente>,
    before: Option<i32>,
    limit: i64,
) -> Result<Vec<Incidente>, Problem> {
    let rows = sqlx::query!(
        r#"select id, numero, estado as "estado: EstadoIncidente", tipo as "tipo: IncidenteTipo", detectado_en, vence_en, descripcion,
                  datos as "datos: Json<Vec<String>>", personas_aprox, medidas, notificado_en as "notificado_en: jiff_sqlx::Timestamp", constancia,
                  titulares_avisados_en as "titulares_avisados_en: jiff_sqlx::Timestamp", cerrado_en as "cerrado_en: jiff_sqlx::Timestamp",
                  conclusion, version
             from incidentes_datos
            where ($1::uuid is null or id = $1) and ($2::text is null or estado = $2) and ($3::integer is null or numero < $3)
            order by numero desc limit $4"#,
        id,
        estado as _,
        before,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    let incidente = rows.into_iter().map(|row| Incidente {
        id: row.id,
        numero: row.numero,
        estado: row.estado,
        datos: DatosIncidente {
            tipo: row.tipo,
            detectado_en: row.detectado_en.to_jiff(),
            descripcion: row.descripcion,
            datos: row.datos.0,
            personas_aprox: row.personas_aprox,
            medidas: row.medidas,
        },
        vence_en: row.vence_en.to_jiff(),
        fuera_de_plazo: false,
        notificado_en: row.notificado_en.map(|en| en.to_jiff()),
        constancia: row.constancia,
        titulares_avisados_en: row.titulares_avisados_en.map(|en| en.to_jiff()),
        cerrado_en: row.cerrado_en.map(|en| en.to_jiff()),
        conclusion: row.conclusion,
        version: row.version,
    });
    Ok(incidente.collect())
}

pub async fn find(tx: &mut Tx, id: Uuid) -> Result<Option<Incidente>, Problem> {
    Ok(list(tx, Some(id), None, None, 1).await?.pop())
}

/// Steps of one incident come one after the other.
pub async fn hold(tx: &mut Tx, id: Uuid) -> Result<(), Problem> {
    sqlx::query!("select from incidentes_datos where id = $1 for update", id).execute(&mut **tx).await?;
    Ok(())
}
