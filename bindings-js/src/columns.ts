/** Lists of texts and bytes as they cross into the raw module and back: packed, with the ends of the pieces. */

const encoder = new TextEncoder();
// A byte order mark is part of a text like any other character.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Pieces, one after the other, and where each ends. */
export interface Packed {
  bytes: Uint8Array;
  ends: Uint32Array;
}

/** Packs texts. */
export function packTexts(texts: readonly string[]): Packed {
  const all = encoder.encode(texts.join(""));
  const ends = new Uint32Array(texts.length);
  let end = 0;
  texts.forEach((text, i) => (ends[i] = end += text.length));
  // As many bytes as UTF-16 units: it is all ASCII, and the ends in units are those in bytes.
  return all.length === end ? { bytes: all, ends } : packBytes(texts.map((text) => encoder.encode(text)));
}

/** Packs arrays of bytes. */
export function packBytes(pieces: readonly Uint8Array[]): Packed {
  const ends = new Uint32Array(pieces.length);
  let end = 0;
  pieces.forEach((piece, i) => (ends[i] = end += piece.length));
  const bytes = new Uint8Array(end);
  pieces.forEach((piece, i) => bytes.set(piece, ends[i]! - piece.length));
  return { bytes, ends };
}

/** Unpacks texts. */
export function unpackTexts(bytes: Uint8Array, ends: Uint32Array): string[] {
  const all = decoder.decode(bytes);
  const isAscii = all.length === bytes.length;
  const texts = new Array<string>(ends.length);
  let start = 0;
  ends.forEach((end, i) => {
    texts[i] = isAscii ? all.slice(start, end) : decoder.decode(bytes.subarray(start, end));
    start = end;
  });
  return texts;
}

/** Unpacks arrays of bytes; each is a copy, so that one piece does not keep all others alive. */
export function unpackBytes(bytes: Uint8Array<ArrayBuffer>, ends: Uint32Array): Uint8Array<ArrayBuffer>[] {
  const pieces = new Array<Uint8Array<ArrayBuffer>>(ends.length);
  let start = 0;
  ends.forEach((end, i) => {
    pieces[i] = bytes.slice(start, end);
    start = end;
  });
  return pieces;
}
