//! What pets are due for, which steps were taken, and how far a chain was gone through.
use crate::model::{AjustesRecordatorios, Conversion, DatosRecordatorios, Pendiente, Tomado};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{MascotaId, SedeId, TutorId},
};
use pacientes::Medio;
use sqlx::PgConnection;
use std::collections::HashSet;
use uuid::Uuid;

/// What the chain set; what nobody set is switched off.
pub async fn ajustes(tx: &mut Tx) -> Result<AjustesRecordatorios, Problem> {
    let row = sqlx::query!("select activo, pasos, agrupar_dias, hora, conversion_dias, reglas, version from recordatorios_ajustes")
        .fetch_optional(&mut **tx)
        .await?;
    let Some(row) = row else { return Ok(AjustesRecordatorios { datos: DatosRecordatorios::default(), version: 1 }) };
    let hora = row.hora.to_jiff();
    let datos = DatosRecordatorios {
        activo: row.activo,
        pasos: row.pasos,
        agrupar_dias: row.agrupar_dias,
        hora: format!("{:02}:{:02}", hora.hour(), hora.minute()),
        conversion_dias: row.conversion_dias,
        reglas: serde_json::from_value(row.reglas).map_err(Problem::internal)?,
    };
    Ok(AjustesRecordatorios { datos, version: row.version })
}

/// Two changes at once queue up, also when there is no row yet.
pub async fn hold_ajustes(tx: &mut Tx) -> Result<(), Problem> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended(tenant_actual()::text || 'recordatorios_ajustes', 0))")
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub async fn put_ajustes(tx: &mut Tx, datos: &DatosRecordatorios) -> Result<(), Problem> {
    let reglas = serde_json::to_value(&datos.reglas).map_err(Problem::internal)?;
    sqlx::query!(
        "insert into recordatorios_ajustes as x (activo, pasos, agrupar_dias, hora, conversion_dias, reglas, version)
         values ($1, $2, $3, $4, $5, $6, 2)
         on conflict (tenant_id) do update set activo = $1, pasos = $2, agrupar_dias = $3, hora = $4, conversion_dias = $5, reglas = $6,
                version = x.version + 1",
        datos.activo,
        &datos.pasos,
        datos.agrupar_dias,
        datos.desde().to_sqlx() as _,
        datos.conversion_dias,
        reglas
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// That each chain that has reminders is gone through this hour, unless it was, or that waits already. Role `huella_jobs`.
pub async fn programar(db: &mut PgConnection, now: Timestamp, hora: Timestamp, tipo: &str) -> Result<u64, Problem> {
    let done = sqlx::query!(
        "insert into trabajos (tenant_id, id, tipo, cuerpo, clave, max_intentos, proximo_en, creado_en)
         select a.tenant_id, gen_random_uuid(), $1, '{}', 'escalera', 3, $2, $2
           from recordatorios_ajustes a join tenants t on t.id = a.tenant_id and t.activo
           left join recordatorios_recorrido r on r.tenant_id = a.tenant_id
          where a.activo and (r.hora is null or r.hora < $3 or not r.terminado)
         on conflict (tenant_id, tipo, clave) where estado = 'pendiente' do nothing",
        tipo,
        now.to_sqlx() as _,
        hora.to_sqlx() as _
    );
    Ok(done.execute(db).await?.rows_affected())
}

/// Until the transaction ends nobody else goes through this chain.
pub async fn hold(tx: &mut Tx) -> Result<(), Problem> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended(tenant_actual()::text || 'escalera', 0))").execute(&mut **tx).await?;
    Ok(())
}

/// After whom it goes on in this hour; `None` if it is done.
pub async fn reached(tx: &mut Tx, hora: Timestamp) -> Result<Option<Option<TutorId>>, Problem> {
    let row = sqlx::query!("select tutor, terminado from recordatorios_recorrido where hora >= $1", hora.to_sqlx() as _)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(match row {
        None => Some(None),
        Some(row) if row.terminado => None,
        Some(row) => Some(row.tutor.map(TutorId)),
    })
}

pub async fn reach(tx: &mut Tx, hora: Timestamp, tutor: Option<TutorId>, terminado: bool) -> Result<(), Problem> {
    sqlx::query!(
        "insert into recordatorios_recorrido (hora, tutor, terminado) values ($1, $2, $3)
         on conflict (tenant_id) do update set hora = $1, tutor = $2, terminado = $3",
        hora.to_sqlx() as _,
        tutor.map(Uuid::from),
        terminado
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub struct SedeConZona {
    pub id: SedeId,
    pub zona: TimeZone,
}

pub async fn sedes(tx: &mut Tx) -> Result<Vec<SedeConZona>, Problem> {
    let rows = sqlx::query!(r#"select id as "id!", zona_horaria as "zona_horaria!" from v_sedes where activa order by id"#)
        .fetch_all(&mut **tx)
        .await?;
    rows.into_iter()
        .map(|row| Ok(SedeConZona { id: SedeId(row.id), zona: TimeZone::get(&row.zona_horaria).map_err(Problem::internal)? }))
        .collect()
}

/// Owners with something open that is due between two days, in order.
pub async fn owners(tx: &mut Tx, after: Option<TutorId>, from: Date, to: Date, limit: i64) -> Result<Vec<TutorId>, Problem> {
    let rows = sqlx::query_scalar!(
        r#"select distinct p.tutor_id as "tutor_id!"
             from v_alertas_abiertas a join v_recordables p on p.mascota_id = a.mascota_id
            where a.vence >= $1 and a.vence <= $2 and ($3::uuid is null or p.tutor_id > $3) order by 1 limit $4"#,
        from.to_sqlx() as _,
        to.to_sqlx() as _,
        after.map(Uuid::from),
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(TutorId).collect())
}

/// All of it that is open for them.
pub async fn open(tx: &mut Tx, tutores: &[TutorId], from: Date, to: Date) -> Result<Vec<Pendiente>, Problem> {
    let (ids, now): (Vec<Uuid>, _) = (tutores.iter().map(|tutor| tutor.0).collect(), tx.now().to_sqlx());
    let rows = sqlx::query!(
        r#"select a.id as "id!", a.mascota_id as "mascota_id!", p.nombre as "nombre!", p.tutor_id as "tutor_id!", p.sede_id,
                  a.complemento as "complemento!", a.regla as "regla!", a.clave as "clave!", a.titulo as "titulo!",
                  a.vence as "vence!: jiff_sqlx::Date",
                  exists (select from v_citas c where c.mascota_id = a.mascota_id and c.inicio > $4
                             and c.estado in ('programada', 'confirmada')) as "con_cita!"
             from v_alertas_abiertas a join v_recordables p on p.mascota_id = a.mascota_id
            where p.tutor_id = any ($1) and a.vence >= $2 and a.vence <= $3 order by a.vence, a.id"#,
        &ids,
        from.to_sqlx() as _,
        to.to_sqlx() as _,
        now as _
    )
    .fetch_all(&mut **tx)
    .await?;
    let open = rows.into_iter().map(|row| Pendiente {
        alerta: row.id,
        mascota: MascotaId(row.mascota_id),
        nombre: row.nombre,
        tutor: TutorId(row.tutor_id),
        sede: row.sede_id.map(SedeId),
        complemento: row.complemento,
        regla: row.regla,
        clave: row.clave,
        titulo: row.titulo,
        vence: row.vence.to_jiff(),
        con_cita: row.con_cita,
    });
    Ok(open.collect())
}

/// Of these pets.
pub async fn taken(tx: &mut Tx, open: &[Pendiente]) -> Result<HashSet<Tomado>, Problem> {
    let pets: Vec<Uuid> = open.iter().map(|one| one.mascota.0).collect();
    let rows = sqlx::query!(
        r#"select mascota_id, complemento, clave, vence as "vence: jiff_sqlx::Date", paso from recordatorios where mascota_id = any ($1)"#,
        &pets
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (MascotaId(row.mascota_id), row.complemento, row.clave, row.vence.to_jiff(), row.paso)).collect())
}

/// Takes a step; none if it was taken.
pub async fn take(tx: &mut Tx, grupo: Uuid, sede: SedeId, one: &Pendiente, paso: i32) -> Result<u64, Problem> {
    let now = tx.now().to_sqlx();
    let done = sqlx::query!(
        "insert into recordatorios (id, grupo, alerta_id, mascota_id, tutor_id, sede_id, complemento, regla, clave, titulo, vence, paso, creado_en)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         on conflict (tenant_id, mascota_id, complemento, clave, vence, paso) do nothing",
        Uuid::now_v7(),
        grupo,
        one.alerta,
        one.mascota.0,
        one.tutor.0,
        sede.0,
        one.complemento,
        one.regla,
        one.clave,
        one.titulo,
        one.vence.to_sqlx() as _,
        paso,
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected())
}

/// A line of a message.
pub struct Linea {
    pub mascota: String,
    pub titulo: String,
    pub vence: Date,
}

/// What of a group is still open, of a living pet that is still this owner's and has no appointment.
pub async fn still_open(tx: &mut Tx, grupo: Uuid, tutor: TutorId) -> Result<Vec<Linea>, Problem> {
    let now = tx.now().to_sqlx();
    let rows = sqlx::query!(
        r#"select p.nombre as "mascota!", a.titulo as "titulo!", r.vence as "vence: jiff_sqlx::Date"
             from recordatorios r
             join v_recordables p on p.mascota_id = r.mascota_id and p.tutor_id = $2
             join v_alertas_abiertas a on a.mascota_id = r.mascota_id and a.complemento = r.complemento and a.clave = r.clave
                  and a.vence = r.vence
            where r.grupo = $1
              and not exists (select from v_citas c where c.mascota_id = r.mascota_id and c.inicio > $3
                                 and c.estado in ('programada', 'confirmada'))
            order by r.vence, p.nombre, r.id"#,
        grupo,
        tutor.0,
        now as _
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| Linea { mascota: row.mascota, titulo: row.titulo, vence: row.vence.to_jiff() }).collect())
}

/// What came of the reminders that went out between two moments, by rule, step and channel.
pub async fn conversion(tx: &mut Tx, desde: Timestamp, hasta: Timestamp, dias: i32) -> Result<Vec<Conversion>, Problem> {
    let rows = sqlx::query!(
        r#"with enviado as (
             select r.regla, r.paso, e.canal, e.entrega, c.reservado, c.atendido
               from recordatorios r
               join mensajes m on m.tipo = 'recordatorio' and m.clave = r.grupo::text and m.estado = 'enviado'
               join lateral (select * from mensajes_envios x where x.mensaje_id = m.id and x.estado = 'enviado'
                              order by x.creado_en desc limit 1) e on true
               left join lateral (select true as reservado, bool_or(c.estado in ('en_consulta', 'por_cobrar', 'terminada')) as atendido
                                    from v_citas c where c.mascota_id = r.mascota_id and c.creado_en > e.creado_en
                                     and c.creado_en <= e.creado_en + make_interval(days => $3) having count(*) > 0) c on true
              where r.creado_en >= $1 and r.creado_en < $2)
           select regla as "regla!", paso as "paso!", canal as "canal!", count(*) as "enviados!",
                  count(*) filter (where entrega in ('entregado', 'leido')) as "entregados!",
                  count(*) filter (where entrega = 'leido') as "leidos!",
                  count(*) filter (where reservado) as "reservados!", count(*) filter (where atendido) as "atendidos!"
             from enviado group by 1, 2, 3 order by 1, 2, 3"#,
        desde.to_sqlx() as _,
        hasta.to_sqlx() as _,
        dias
    )
    .fetch_all(&mut **tx)
    .await?;
    let conversion = rows.into_iter().map(|row| Conversion {
        regla: row.regla,
        paso: row.paso,
        canal: Medio::read(&row.canal).unwrap_or(Medio::Correo),
        enviados: row.enviados,
        entregados: row.entregados,
        leidos: row.leidos,
        reservados: row.reservados,
        atendidos: row.atendidos,
    });
    Ok(conversion.collect())
}

/// Steps of long ago: no due date comes back. In small bites. Role `huella_jobs`.
pub async fn forget(db: &mut PgConnection, before: Timestamp, limit: i64) -> Result<u64, Problem> {
    let done = sqlx::query!(
        "delete from recordatorios where ctid in (select ctid from recordatorios where creado_en < $1 limit $2)",
        before.to_sqlx() as _,
        limit
    );
    Ok(done.execute(db).await?.rows_affected())
}
