//! `hechos_clinicos`: lines that are added, ended and taken back.
use crate::model::{Anulado, Asiento, DetalleClinico, HechoClinico, HechoTipo, Referencias};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{CitaId, HechoClinicoId, MascotaId, SedeId, UsuarioId},
};
use sqlx::types::Json;
use uuid::Uuid;

struct Fila {
    id: HechoClinicoId,
    mascota_id: MascotaId,
    detalle: Json<DetalleClinico>,
    titulo: String,
    fecha: jiff_sqlx::Date,
    en: jiff_sqlx::Timestamp,
    hasta: Option<jiff_sqlx::Date>,
    hasta_motivo: Option<String>,
    proxima: Option<jiff_sqlx::Date>,
    texto: Option<String>,
    sede_id: Option<SedeId>,
    medico_id: Option<UsuarioId>,
    medico: Option<String>,
    cita_id: Option<CitaId>,
    profesional: Option<String>,
    anterior: bool,
    registrado_en: jiff_sqlx::Timestamp,
    anulado_en: Option<jiff_sqlx::Timestamp>,
    anulado_por: Option<Uuid>,
    anulado_motivo: Option<String>,
    version: i32,
}

impl From<Fila> for (Timestamp, HechoClinico) {
    fn from(fila: Fila) -> Self {
        let anulado = fila.anulado_en.zip(fila.anulado_por).zip(fila.anulado_motivo);
        let hecho = HechoClinico {
            id: fila.id,
            mascota_id: fila.mascota_id,
            detalle: fila.detalle.0,
            titulo: fila.titulo,
            fecha: fila.fecha.to_jiff(),
            hasta: fila.hasta.map(|hasta| hasta.to_jiff()),
            hasta_motivo: fila.hasta_motivo,
            proxima: fila.proxima.map(|proxima| proxima.to_jiff()),
            texto: fila.texto,
            sede_id: fila.sede_id,
            medico_id: fila.medico_id,
            medico: fila.medico,
            cita_id: fila.cita_id,
            profesional: fila.profesional,
            anterior: fila.anterior,
            registrado_en: fila.registrado_en.to_jiff(),
            anulado: anulado.map(|((en, por), motivo)| Anulado { en: en.to_jiff(), por, motivo }),
            version: fila.version,
        };
        (fila.en.to_jiff(), hecho)
    }
}

/// Those of a pet, which may have several records, newest first, before a position. Each record by its index.
pub async fn list(
    tx: &mut Tx,
    registros: &[MascotaId],
    tipos: &[HechoTipo],
    before: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> Result<Vec<(Timestamp, HechoClinico)>, Problem> {
    let (en, id) = before.unzip();
    let filas = sqlx::query_as!(
        Fila,
        r#"select h.id as "id!: HechoClinicoId", h.mascota_id as "mascota_id!: MascotaId", h.detalle as "detalle!: Json<DetalleClinico>", h.titulo as "titulo!",
                  h.fecha as "fecha!", h.en as "en!", h.hasta as "hasta?: jiff_sqlx::Date", h.hasta_motivo as "hasta_motivo?",
                  h.proxima as "proxima?: jiff_sqlx::Date", h.texto as "texto?", h.sede_id as "sede_id?: SedeId",
                  h.medico_id as "medico_id?: UsuarioId", m.nombre as "medico?", c.id as "cita_id?: CitaId", h.profesional as "profesional?",
                  h.anterior as "anterior!", h.registrado_en as "registrado_en!", h.anulado_en as "anulado_en?: jiff_sqlx::Timestamp",
                  h.anulado_por as "anulado_por?: Uuid", h.anulado_motivo as "anulado_motivo?", h.version as "version!"
             from unnest($1::uuid[]) as r(mascota)
             cross join lateral (
               select * from hechos_clinicos x
                where x.mascota_id = r.mascota and x.tipo = any ($2)
                  and ($3::timestamptz is null or (x.en <= $3 and (x.en < $3 or x.id < $4)))
                order by x.en desc, x.id desc limit $5) h
             left join lateral (select nombre from v_medicos where id = h.medico_id offset 0) m on true
             left join lateral (select id from v_visitas where id = h.cita_id offset 0) c on true
            order by h.en desc, h.id desc limit $5"#,
        registros as _,
        tipos as _,
        en.map(ToSqlx::to_sqlx) as _,
        id,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(filas.into_iter().map(Into::into).collect())
}

pub async fn find(tx: &mut Tx, id: HechoClinicoId) -> Result<Option<HechoClinico>, Problem> {
    let fila = sqlx::query_as!(
        Fila,
        r#"select h.id as "id: HechoClinicoId", h.mascota_id as "mascota_id: MascotaId", h.detalle as "detalle: Json<DetalleClinico>", h.titulo, h.fecha, h.en, h.hasta as "hasta?: jiff_sqlx::Date",
                  h.hasta_motivo, h.proxima as "proxima?: jiff_sqlx::Date", h.texto, h.sede_id as "sede_id?: SedeId",
                  h.medico_id as "medico_id?: UsuarioId", m.nombre as "medico?", c.id as "cita_id?: CitaId", h.profesional, h.anterior,
                  h.registrado_en, h.anulado_en as "anulado_en?: jiff_sqlx::Timestamp", h.anulado_por as "anulado_por?: Uuid", h.anulado_motivo,
                  h.version
             from hechos_clinicos h
             left join v_medicos m on m.id = h.medico_id
             left join v_visitas c on c.id = h.cita_id
            where h.id = $1"#,
        id as _
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(fila.map(|fila| <(Timestamp, HechoClinico)>::from(fila).1))
}

/// Holds a line, so that it ends once and is taken back once. `None` if there is none.
pub async fn hold(tx: &mut Tx, id: HechoClinicoId) -> Result<Option<MascotaId>, Problem> {
    Ok(sqlx::query_scalar!(r#"select mascota_id as "id: MascotaId" from hechos_clinicos where id = $1 for update"#, id as _)
        .fetch_optional(&mut **tx)
        .await?)
}

/// Many at once, each of its pet.
pub async fn insert(tx: &mut Tx, all: &[(HechoClinicoId, MascotaId, Asiento)]) -> Result<(), Problem> {
    let (autor, now) = (tx.author(), tx.now().to_sqlx());
    let ids: Vec<HechoClinicoId> = all.iter().map(|(id, ..)| *id).collect();
    let mascotas: Vec<MascotaId> = all.iter().map(|(_, mascota, _)| *mascota).collect();
    let lines = || all.iter().map(|(.., asiento)| asiento);
    let detalles = lines().map(|one| serde_json::to_value(&one.detalle)).collect::<Result<Vec<_>, _>>().map_err(Problem::internal)?;
    let day = |of: fn(&Asiento) -> Option<jiff::civil::Date>| lines().map(|one| of(one).map(ToSqlx::to_sqlx)).collect::<Vec<_>>();
    let text = |of: fn(&Asiento) -> Option<&str>| lines().map(of).collect::<Vec<_>>();
    let titulos: Vec<&str> = lines().map(|one| one.titulo.as_str()).collect();
    let en: Vec<jiff_sqlx::Timestamp> = lines().map(|one| one.en.to_sqlx()).collect();
    let sedes: Vec<Option<Uuid>> = lines().map(|one| one.sede_id.map(Uuid::from)).collect();
    let medicos: Vec<Option<Uuid>> = lines().map(|one| one.medico_id.map(Uuid::from)).collect();
    let citas: Vec<Option<Uuid>> = lines().map(|one| one.cita_id.map(Uuid::from)).collect();
    let anteriores: Vec<bool> = lines().map(|one| one.anterior).collect();
    sqlx::query!(
        "insert into hechos_clinicos (id, mascota_id, detalle, titulo, fecha, en, hasta, proxima, texto, sede_id, medico_id, cita_id,
                                      profesional, anterior, autor_id, registrado_en)
         select h.*, $15, $16
           from unnest($1::uuid[], $2::uuid[], $3::jsonb[], $4::text[], $5::date[], $6::timestamptz[], $7::date[], $8::date[], $9::text[],
                       $10::uuid[], $11::uuid[], $12::uuid[], $13::text[], $14::bool[])
             as h(id, mascota, detalle, titulo, fecha, en, hasta, proxima, texto, sede, medico, cita, profesional, anterior)",
        &ids as _,
        &mascotas as _,
        &detalles,
        &titulos as _,
        &day(|one| Some(one.fecha)) as _,
        &en as _,
        &day(|one| one.hasta) as _,
        &day(|one| one.proxima) as _,
        &text(|one| one.texto.as_deref()) as _,
        &sedes as _,
        &medicos as _,
        &citas as _,
        &text(|one| one.profesional.as_deref()) as _,
        &anteriores,
        autor,
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn end(tx: &mut Tx, hecho: &HechoClinico) -> Result<(), Problem> {
    sqlx::query!(
        "update hechos_clinicos set hasta = $2, hasta_motivo = $3, version = $4 where id = $1",
        hecho.id as _,
        hecho.hasta.map(ToSqlx::to_sqlx) as _,
        hecho.hasta_motivo,
        hecho.version
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn annul(tx: &mut Tx, id: HechoClinicoId, motivo: &str) -> Result<(), Problem> {
    let (autor, now) = (tx.author(), tx.now().to_sqlx());
    sqlx::query!(
        "update hechos_clinicos set anulado_en = $2, anulado_por = $3, anulado_motivo = $4, version = version + 1 where id = $1",
        id as _,
        now as _,
        autor,
        motivo
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What a request refers to, but the catalogue of vaccines, in one round trip.
pub async fn referencias(tx: &mut Tx, mascota: MascotaId, medico: Option<UsuarioId>, cita: Option<CitaId>) -> Result<Referencias, Problem> {
    let autor = tx.author();
    let row = sqlx::query!(
        r#"select exists (select from v_medicos where id = $1 and activo) as "es_medico!",
                  (select id from v_medicos where id = $2 and activo) as "autor?: UsuarioId",
                  exists (select from v_visitas where id = $3 and mascota_id = $4) as "es_su_cita!""#,
        medico as _,
        autor,
        cita as _,
        mascota as _
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(Referencias { es_medico: row.es_medico, autor: row.autor, es_su_cita: row.es_su_cita, ..Referencias::default() })
}
