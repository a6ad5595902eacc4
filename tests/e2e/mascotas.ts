/** Pets of a test's own. */
import type { APIRequestContext, Page } from '@playwright/test';
import { cliente, expect, ingresar } from './base';

export type Mascota = { id: string; nombre: string; fallecida_en?: string | null; ultimo_peso?: { kg: number } | null };
type Registro = { mascota: Mascota; tutor?: { id: string } };

/** A pet of the test's own: what it does to it disturbs nobody. */
export async function unaMascota(request: APIRequestContext, nombre: string, conTutor?: string): Promise<{ id: string; tutor: string; telefono: string }> {
  const admin = await cliente(request, 'administrador_cadena');
  const telefono = `9${String(Date.now()).slice(-8)}`;
  const { mascota, tutor } = await admin.enviar<Registro>('POST', '/pacientes/registro?confirmar_duplicado=true', {
    mascota: { nombre, especie: 'perro', sexo: 'hembra', edad_meses: 30 },
    ...(conTutor ? { tutor_id: conTutor } : { tutor: { nombres: 'Prueba', apellidos: `De ${nombre}`, telefono } }),
  });
  return { id: mascota.id, tutor: tutor?.id ?? conTutor ?? '', telefono };
}
export const unico = (raiz: string) => `${raiz} ${String.fromCharCode(...Array.from({ length: 6 }, () => 97 + Math.floor(Math.random() * 26)))}`;
export const abrir = async (page: Page, id: string, rol: 'recepcion' | 'veterinario' | 'administrador_cadena' = 'veterinario') => {
  await ingresar(page, rol, `/pacientes/${id}`);
  await expect(page.getByRole('heading', { level: 2, name: /^Peso/ })).toBeVisible();
};
