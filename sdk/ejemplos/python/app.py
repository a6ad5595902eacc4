"""Un canal que envía por una pasarela HTTP y entiende sus avisos firmados."""

import json

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports import config, crypto, http
from wit_world.exports.notification_channel import DeliveryStatus, DeliveryUpdate, Update_Delivery
from wit_world.imports.types import (
    Kv,
    PluginError_Indeterminate,
    PluginError_Internal,
    PluginError_NotAuthorized,
    PluginError_Rejected,
    PluginError_RetryLater,
    Rejection,
)

URL = "https://pasarela.example.pe/mensajes"
ESTADOS = {
    "enviado": DeliveryStatus.SENT,
    "entregado": DeliveryStatus.DELIVERED,
    "leido": DeliveryStatus.READ,
    "fallido": DeliveryStatus.FAILED,
}


def cabecera(cabeceras, nombre):
    return next((una.value for una in cabeceras if una.key.lower() == nombre), None)


def documento(cuerpo):
    """Un objeto JSON, o nada."""
    try:
        leido = json.loads(bytes(cuerpo))
    except ValueError:
        return {}
    return leido if isinstance(leido, dict) else {}


def respondida(respuesta):
    dicho = documento(respuesta.body)
    estado = respuesta.status
    if 200 <= estado < 300:
        if isinstance(dicho.get("id"), str) and dicho["id"]:
            return dicho["id"]
        # Aceptó algo y no se entiende qué: puede haber salido.
        raise Err(PluginError_Indeterminate("la respuesta no trae id"))
    if estado in (401, 403):
        raise Err(PluginError_NotAuthorized("el token no sirve"))
    if estado == 429:
        segundos = cabecera(respuesta.headers, "retry-after") or ""
        raise Err(PluginError_RetryLater(int(segundos) * 1000 if segundos.isdecimal() else None))
    if estado >= 500:
        raise Err(PluginError_Indeterminate(f"respondió {estado}"))
    codigo, mensaje = str(dicho.get("codigo", estado)), str(dicho.get("mensaje", "la pasarela no lo aceptó"))
    raise Err(PluginError_Rejected(Rejection(codigo, mensaje, None)))


class Lifecycle(exports.Lifecycle):
    def check(self):
        pass

    def migrate(self, from_version):
        pass


class NotificationChannel(exports.NotificationChannel):
    def send(self, ctx, m):
        ajustes = json.loads(config.get_json())
        cuerpo = json.dumps({"de": ajustes["remitente"], "para": m.to, "texto": m.text}).encode()
        cabeceras = [Kv("content-type", "application/json"), Kv("idempotency-key", ctx.idempotency_key)]
        # El token se nombra; su valor lo pone el anfitrión.
        pedido = http.Request("POST", URL, cabeceras, cuerpo, None, http.CredentialRef_Bearer("token"))
        try:
            respuesta = http.send(pedido)
        except Err as error:
            raise Err(sin_respuesta(error.value)) from None
        return respondida(respuesta)

    def handle_webhook(self, ctx, m):
        try:
            firma = bytes.fromhex(cabecera(m.headers, "x-firma") or "")
        except ValueError:
            firma = b""
        try:
            es_suyo = crypto.verify("avisos", crypto.SignatureAlg.HMAC_SHA256, m.body, firma)
        except Err:
            es_suyo = False
        if not es_suyo:
            raise Err(PluginError_NotAuthorized("el aviso no viene de la pasarela"))
        dicho = documento(m.body)
        estado = ESTADOS.get(dicho.get("estado"), DeliveryStatus.OTHER)
        en = dicho.get("en") if isinstance(dicho.get("en"), int) else 0
        return [Update_Delivery(DeliveryUpdate(str(dicho.get("id", "")), estado, dicho.get("codigo"), dicho.get("clave"), en))]


def sin_respuesta(error):
    """Lo que no salió se vuelve a intentar; lo que salió y no volvió, nadie lo sabe."""
    if isinstance(error, (http.Error_Timeout, http.Error_Indeterminate, http.Error_TooLarge)):
        return PluginError_Indeterminate("no se supo qué respondió")
    if isinstance(error, (http.Error_Denied, http.Error_BudgetExhausted)):
        return PluginError_Internal(str(error))
    return PluginError_RetryLater(None)
