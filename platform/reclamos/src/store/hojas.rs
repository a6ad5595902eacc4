//! Sheets. What a consumer wrote is sealed with the sheet's own key; the database gives the number.
use crate::model::{Entrega, EstadoReclamo, Hoja, Proveedor, Reclamo, ReclamosPendientes, Registro, Tipo, codigo};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use kernel::{Problem, Tx, crypto::PersonKey, ids::SedeId};
use sqlx::types::Json;
use std::collections::HashMap;
use uuid::Uuid;

const HOJA: &str = "hoja";
const RESPUESTA: &str = "respuesta";

/// What comes from one network comes one after the other, so that it can be counted.
pub async fn lock_network(tx: &mut Tx, red: &[u8]) -> Result<(), Problem> {
    let word: [u8; 8] = std::array::from_fn(|at| red.get(at).copied().unwrap_or_default());
    sqlx::query!("select pg_advisory_xact_lock($1)", i64::from_be_bytes(word)).execute(&mut **tx).await?;
    Ok(())
}

/// Sheets of a network and of an address in this sede since some time.
pub async fn presentadas_desde(tx: &mut Tx, red: &[u8], correo: Option<&[u8]>, desde: Timestamp) -> Result<(i64, i64), Problem> {
    let row = sqlx::query!(
        r#"select (select count(*) from reclamos where red = $1 and presentado_en > $3) as "red!",
                  (select count(*) from reclamos where correo_indice = $2 and presentado_en > $3) as "correo!""#,
        red,
        correo,
        desde.to_sqlx() as _
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok((row.red, row.correo))
}

/// A form that was sent before.
pub struct Usado {
    pub contenido: Option<Vec<u8>>,
}

pub async fn usado(tx: &mut Tx, enlace: &[u8]) -> Result<Option<Usado>, Problem> {
    Ok(sqlx::query_as!(Usado, "select contenido from reclamos where enlace = $1", enlace).fetch_optional(&mut **tx).await?)
}

/// Writes a sheet and answers its number.
pub async fn insert(tx: &mut Tx, registro: &Registro<'_>) -> Result<i32, Problem> {
    let key = tx.create_person_key(registro.id).await?;
    let text = serde_json::to_string(registro.hoja).map_err(Problem::internal)?;
    let consumidor = &registro.hoja.consumidor;
    let documento = tx.blind_index("reclamo_documento", &consumidor.documento);
    let correo = consumidor.correo.as_deref().map(|correo| tx.blind_index("correo", correo));
    let now = tx.now().to_sqlx();
    let numero = sqlx::query_scalar!(
        "insert into reclamos (id, sede_id, anio, tipo, presentado_en, fecha, vence_el, aviso_el, aviso_final_el, proveedor, hoja_cifrada,
                               documento_indice, correo_indice, enlace, contenido, red)
         values ($1, $2, extract(year from $5::date), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) returning numero",
        registro.id,
        registro.sede.id.0,
        registro.tipo as _,
        now as _,
        registro.fecha.to_sqlx() as _,
        registro.plazo.vence.to_sqlx() as _,
        registro.plazo.aviso.to_sqlx() as _,
        registro.plazo.aviso_final.to_sqlx() as _,
        Json(&registro.sede.proveedor) as _,
        key.seal(HOJA, &text),
        documento,
        correo,
        registro.enlace,
        registro.contenido,
        registro.red
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(numero)
}

/// What a consumer's link opens: which sheet, of which sede.
pub async fn de_enlace(tx: &mut Tx, enlace: &[u8]) -> Result<Option<(Uuid, SedeId)>, Problem> {
    let row = sqlx::query!(r#"select id as "id!", sede_id as "sede_id!: SedeId" from reclamo_de_enlace($1)"#, enlace)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(row.map(|row| (row.id, row.sede_id)))
}

/// Which sheets.
#[derive(Debug, Default)]
pub struct Filtro {
    pub id: Option<Uuid>,
    pub sede: Option<SedeId>,
    pub tipo: Option<Tipo>,
    pub estado: Option<EstadoReclamo>,
    pub vence_hasta: Option<Date>,
    pub desde: Option<Date>,
    pub hasta: Option<Date>,
    /// Blind index.
    pub documento: Option<Vec<u8>>,
    /// Before this one.
    pub antes: Option<(Timestamp, Uuid)>,
}

struct Row {
    id: Uuid,
    sede_id: SedeId,
    sede: String,
    zona_horaria: String,
    numero: i32,
    anio: i32,
    tipo: Tipo,
    presentado_en: jiff_sqlx::Timestamp,
    fecha: jiff_sqlx::Date,
    vence_el: jiff_sqlx::Date,
    proveedor: Json<Proveedor>,
    hoja_cifrada: Vec<u8>,
    respuesta_cifrada: Option<Vec<u8>>,
    respondido_en: Option<jiff_sqlx::Timestamp>,
    respondido_por: Option<String>,
    version: i32,
}

impl Row {
    fn open(self, key: &PersonKey) -> Result<Reclamo, Problem> {
        let hoja: Hoja = serde_json::from_str(&key.open(HOJA, &self.hoja_cifrada)?).map_err(Problem::internal)?;
        let respuesta = self.respuesta_cifrada.map(|sealed| key.open(RESPUESTA, &sealed)).transpose()?;
        Ok(Reclamo {
            id: self.id,
            sede_id: self.sede_id,
            sede: self.sede,
            numero: self.numero,
            anio: self.anio,
            codigo: codigo(self.numero, self.anio),
            tipo: self.tipo,
            estado: if respuesta.is_some() { EstadoReclamo::Respondido } else { EstadoReclamo::Pendiente },
            presentado_en: self.presentado_en.to_jiff(),
            fecha: self.fecha.to_jiff(),
            vence_el: self.vence_el.to_jiff(),
            dias_habiles: None,
            fuera_de_plazo: false,
            respuesta,
            respondido_en: self.respondido_en.map(|en| en.to_jiff()),
            respondido_por: self.respondido_por,
            respuesta_por: if hoja.consumidor.correo.is_some() { Entrega::Correo } else { Entrega::Domicilio },
            hoja,
            version: self.version,
            proveedor: self.proveedor.0,
            zona: TimeZone::get(&self.zona_horaria).map_err(Problem::internal)?,
        })
    }
}

/// The last ones first.
pub async fn list(tx: &mut Tx, filtro: &Filtro, limit: i64) -> Result<Vec<Reclamo>, Problem> {
    let antes = filtro.antes.unzip();
    let rows = sqlx::query_as!(
        Row,
        r#"select r.id, r.sede_id as "sede_id: SedeId", e.nombre as "sede!", e.zona_horaria as "zona_horaria!", r.numero, r.anio,
                  r.tipo as "tipo: Tipo", r.presentado_en, r.fecha, r.vence_el, r.proveedor as "proveedor: Json<Proveedor>", r.hoja_cifrada,
                  r.respuesta_cifrada, r.respondido_en as "respondido_en: jiff_sqlx::Timestamp", a.nombre as "respondido_por?", r.version
             from reclamos r
             join v_establecimientos e on e.id = r.sede_id
             left join v_autores a on a.id = r.respondido_por
            where ($1::uuid is null or r.id = $1) and ($2::uuid is null or r.sede_id = $2) and ($3::text is null or r.tipo = $3)
              and ($4::boolean is null or (r.respondido_en is not null) = $4)
              and ($5::date is null or (r.respondido_en is null and r.vence_el <= $5))
              and ($6::date is null or r.fecha >= $6) and ($7::date is null or r.fecha <= $7)
              and ($8::bytea is null or r.documento_indice = $8)
              and ($9::timestamptz is null or (r.presentado_en, r.id) < ($9, $10))
            order by r.presentado_en desc, r.id desc limit $11"#,
        filtro.id,
        filtro.sede.map(|sede| sede.0),
        filtro.tipo as _,
        filtro.estado.map(|estado| estado == EstadoReclamo::Respondido),
        filtro.vence_hasta.map(ToSqlx::to_sqlx) as _,
        filtro.desde.map(ToSqlx::to_sqlx) as _,
        filtro.hasta.map(ToSqlx::to_sqlx) as _,
        filtro.documento.as_deref(),
        antes.0.map(ToSqlx::to_sqlx) as _,
        antes.1,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let keys: HashMap<Uuid, PersonKey> = tx.person_keys(&ids).await?.into_iter().collect();
    let missing = || Problem::internal("a sheet without its key");
    rows.into_iter().map(|row| keys.get(&row.id).ok_or_else(missing).and_then(|key| row.open(key))).collect()
}

pub async fn find(tx: &mut Tx, id: Uuid) -> Result<Option<Reclamo>, Problem> {
    Ok(list(tx, &Filtro { id: Some(id), ..Filtro::default() }, 1).await?.pop())
}

/// Answers of one sheet come one after the other.
pub async fn hold(tx: &mut Tx, id: Uuid) -> Result<(), Problem> {
    sqlx::query!("select from reclamos where id = $1 for update", id).execute(&mut **tx).await?;
    Ok(())
}

/// Writes the answer, after which nothing of the sheet changes.
pub async fn responder(tx: &mut Tx, id: Uuid, respuesta: &str) -> Result<(), Problem> {
    let key = tx.person_key(id).await?.ok_or_else(Problem::not_found)?;
    let (sealed, author, now) = (key.seal(RESPUESTA, respuesta), tx.author(), tx.now().to_sqlx());
    sqlx::query!(
        "update reclamos set respuesta_cifrada = $2, respondido_en = $3, respondido_por = $4, version = version + 1 where id = $1",
        id,
        sealed,
        now as _,
        author
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What waits for an answer in a sede.
pub async fn pendientes(tx: &mut Tx, sede: SedeId) -> Result<ReclamosPendientes, Problem> {
    let now = tx.now().to_sqlx();
    let row = sqlx::query!(
        r#"select count(*) as "pendientes!", count(*) filter (where aviso_el <= hoy.dia and vence_el >= hoy.dia) as "por_vencer!",
                  count(*) filter (where vence_el < hoy.dia) as "vencidos!"
             from reclamos, (select ($2::timestamptz at time zone e.zona_horaria)::date as dia from v_establecimientos e where e.id = $1) hoy
            where sede_id = $1 and respondido_en is null"#,
        sede.0,
        now as _
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(ReclamosPendientes { pendientes: row.pendientes, por_vencer: row.por_vencer, vencidos: row.vencidos })
}
