//! Whom the platform serves, for those who run it.
use super::Cadena;
use serde_json::{Value, json};

const OPERADOR: &str = "operador@plataforma.example.pe";

#[tokio::test]
async fn who_runs_the_platform_sees_all_chains_and_how_large_they_are() {
    let c = Cadena::start().await;
    c.huella.agregar_cadena("plataforma").await;
    let operador = c.huella.como(OPERADOR).await;
    let listed = operador.get("/cadenas").await.ok();
    let chains: Vec<&Value> = listed["items"].as_array().expect("a list").iter().collect();
    let keys: Vec<&str> = chains.iter().filter_map(|chain| chain["clave"].as_str()).collect();
    let expected: String = c.huella.scalar("select string_agg(clave, ' ' order by clave) from tenants").await;
    assert_eq!(keys.join(" "), expected);
    for chain in &chains {
        let clave = chain["clave"].as_str().expect("a key");
        let count = |table: &str, active: &str| {
            format!("select count(*) from {table} x join tenants t on t.id = x.tenant_id where t.clave = '{clave}' and x.{active}")
        };
        let sedes: i64 = c.huella.scalar(&count("sedes", "activa")).await;
        let personas: i64 = c.huella.scalar(&count("usuarios", "activo")).await;
        assert_eq!((&chain["sedes"], &chain["personas"]), (&json!(sedes), &json!(personas)), "{clave}");
        assert_eq!(chain["plataforma"], json!(clave == "plataforma"));
    }
    assert!(chains.iter().any(|chain| chain["clave"] == "andina" && chain["sedes"].as_i64() > Some(1)));
    let first = operador.get("/cadenas?limite=1").await.ok();
    let rest = operador.get(&format!("/cadenas?cursor={}", first["siguiente"].as_str().expect("more"))).await.ok();
    assert_eq!(rest["items"].as_array().expect("a list").len(), chains.len() - 1);
}

#[tokio::test]
async fn nobody_else_does_and_the_operator_of_the_database_sees_no_names() {
    let c = Cadena::start().await;
    c.huella.agregar_cadena("plataforma").await;
    c.admin.get("/cadenas").await.problem(403, "solo-plataforma");
    let operador = c.huella.como(OPERADOR).await;
    operador.get("/cadenas").await.ok();
    c.huella.execute("update tenants set plataforma = false where clave = 'plataforma'").await;
    operador.get("/cadenas").await.problem(403, "solo-plataforma");
    for (table, column, may) in
        [("sedes", "activa", true), ("sedes", "nombre", false), ("usuarios", "activo", true), ("usuarios", "correo_cifrado", false)]
    {
        let asked = format!("select has_column_privilege('huella_operador', 'huella.{table}', '{column}', 'select')");
        assert_eq!(c.huella.scalar::<bool>(&asked).await, may, "{table}.{column}");
    }
}
