//! Publishers of a chain, and their keys.
use crate::{
    activos::avisar,
    model::{DatosEditor, Editor, Motivo, NuevaClaveEditor, NuevoEditor, uuid_de},
    store::{self, editores as store_editores},
};
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::{
    App, Begun, Change, Ctx, IfMatch, Json, Once, Page, Path, Problem, Query, Tx, Versioned, ids::ClaveEditorId, page::Pagina,
    permission::PublicarComplementos,
};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(listar_editores, crear_editor))
        .routes(routes!(ver_editor, cambiar_editor))
        .routes(routes!(agregar_clave))
        .routes(routes!(revocar_clave))
}

/// Of this chain, or any for the platform's.
pub async fn visible(tx: &mut Tx, clave: &str) -> Result<Editor, Problem> {
    let plataforma = store::cadena(tx).await?.plataforma;
    store_editores::get(tx, clave).await?.filter(|editor| editor.propio || plataforma).ok_or_else(Problem::not_found)
}

/// Takes a key away, for good.
pub async fn revocar(tx: &mut Tx, clave: &str, id: ClaveEditorId, motivo: &str) -> Result<Editor, Problem> {
    if !store_editores::revoke(tx, clave, id, motivo).await? {
        return Err(Problem::not_found());
    }
    tx.audit(
        Change::new("revocar_clave", "editor_complementos", uuid_de(clave))
            .despues(json!({ "editor": clave, "clave": id, "motivo": motivo })),
    );
    store_editores::get(tx, clave).await?.ok_or_else(Problem::not_found)
}

/// Los editores de la cadena, por su clave; para la plataforma, todos.
#[utoipa::path(get, path = "/complementos/editores", tag = "complementos", extensions(("x-permiso" = json!("complemento.publicar"))),
    params(Pagina), responses((status = 200, body = Page<Editor>), (status = "4XX", body = Problem)))]
async fn listar_editores(ctx: Ctx<PublicarComplementos>, Query(pagina): Query<Pagina>) -> Result<Json<Page<Editor>>, Problem> {
    let (after, limit) = pagina.read::<String>()?;
    let mut tx = ctx.begin_read().await?;
    let propios = !store::cadena(&mut tx).await?.plataforma;
    let rows = store_editores::list(&mut tx, propios, None, after.as_deref(), limit + 1).await?;
    Ok(Json(Page::from_rows(rows, limit as usize, |editor| editor.clave.clone())))
}

/// Crea un editor: el nombre con el que la cadena publica complementos.
#[utoipa::path(post, path = "/complementos/editores", tag = "complementos", extensions(("x-permiso" = json!("complemento.publicar"))),
    request_body = NuevoEditor, responses((status = 201, body = Editor), (status = "4XX", body = Problem)))]
async fn crear_editor(ctx: Ctx<PublicarComplementos>, once: Once<NuevoEditor>) -> Result<Response, Problem> {
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    store_editores::insert(&mut tx, &once.body).await?;
    let editor = visible(&mut tx, &once.body.clave).await?;
    tx.audit(Change::new("crear", "editor_complementos", uuid_de(&editor.clave)).despues(&editor));
    tx.commit_created(&editor).await
}

/// Muestra un editor con sus claves.
#[utoipa::path(get, path = "/complementos/editores/{clave}", tag = "complementos", extensions(("x-permiso" = json!("complemento.publicar"))),
    params(("clave" = String, Path)), responses((status = 200, body = Editor), (status = "4XX", body = Problem)))]
async fn ver_editor(ctx: Ctx<PublicarComplementos>, Path(clave): Path<String>) -> Result<Versioned<Editor>, Problem> {
    let mut tx = ctx.begin_read().await?;
    visible(&mut tx, &clave).await.map(Versioned)
}

/// Cambia un editor propio. Inactivo, nada suyo se carga ni se instala.
#[utoipa::path(put, path = "/complementos/editores/{clave}", tag = "complementos", extensions(("x-permiso" = json!("complemento.publicar"))),
    params(("clave" = String, Path)), request_body = DatosEditor, responses((status = 200, body = Editor), (status = "4XX", body = Problem)))]
async fn cambiar_editor(
    ctx: Ctx<PublicarComplementos>,
    Path(clave): Path<String>,
    if_match: IfMatch,
    Json(datos): Json<DatosEditor>,
) -> Result<Versioned<Editor>, Problem> {
    let mut tx = ctx.begin().await?;
    let antes = store_editores::lock_own(&mut tx, &clave).await?.ok_or_else(Problem::not_found)?;
    if_match.check(antes.version)?;
    antes.exigir_libre()?;
    store_editores::update(&mut tx, &clave, &datos).await?;
    let editor = visible(&mut tx, &clave).await?;
    tx.audit(Change::new("cambiar", "editor_complementos", uuid_de(&clave)).antes(&antes).despues(&editor));
    tx.commit().await?;
    avisar(ctx.app(), None, None).await;
    Ok(Versioned(editor))
}

/// Agrega una clave pública con la que el editor firma.
#[utoipa::path(post, path = "/complementos/editores/{clave}/claves", tag = "complementos", extensions(("x-permiso" = json!("complemento.publicar"))),
    params(("clave" = String, Path)), request_body = NuevaClaveEditor, responses((status = 201, body = Editor), (status = "4XX", body = Problem)))]
async fn agregar_clave(
    ctx: Ctx<PublicarComplementos>,
    Path(clave): Path<String>,
    once: Once<NuevaClaveEditor>,
) -> Result<Response, Problem> {
    Problem::check(once.body.check())?;
    let mut tx = match ctx.begin_once(&once).await? {
        Begun::Fresh(tx) => tx,
        Begun::Replay(answer) => return Ok(answer),
    };
    store_editores::lock_own(&mut tx, &clave).await?.ok_or_else(Problem::not_found)?;
    let id = store_editores::insert_key(&mut tx, &clave, &once.body).await?;
    let editor = visible(&mut tx, &clave).await?;
    tx.audit(Change::new("agregar_clave", "editor_complementos", uuid_de(&clave)).despues(json!({ "id": id, "clave": once.body.clave })));
    let answer = tx.commit_answer(StatusCode::CREATED, None, &editor).await?;
    avisar(ctx.app(), None, None).await;
    Ok(answer.into_response())
}

/// Revoca una clave propia, por ejemplo porque se perdió: lo que firmó deja de cargarse.
#[utoipa::path(post, path = "/complementos/editores/{clave}/claves/{id}/revocar", tag = "complementos",
    extensions(("x-permiso" = json!("complemento.publicar"))), params(("clave" = String, Path), ("id" = ClaveEditorId, Path)),
    request_body = Motivo, responses((status = 200, body = Editor), (status = "4XX", body = Problem)))]
async fn revocar_clave(
    ctx: Ctx<PublicarComplementos>,
    Path((clave, id)): Path<(String, ClaveEditorId)>,
    Json(datos): Json<Motivo>,
) -> Result<Versioned<Editor>, Problem> {
    let mut tx = ctx.begin().await?;
    store_editores::lock_own(&mut tx, &clave).await?.ok_or_else(Problem::not_found)?;
    let editor = revocar(&mut tx, &clave, id, &datos.motivo).await?;
    tx.commit().await?;
    avisar(ctx.app(), None, None).await;
    Ok(Versioned(editor))
}
