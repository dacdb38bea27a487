import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";

import { Fatal } from "./fatal.ts";

/* As much of the format as RKE2's compressed snapshots have: one file in an archive. */

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const DEFLATED = 8;
const LOCAL_BYTES = 30;

/** An archive with this one file. */
export function zipped(name: string, content: Buffer): Buffer {
    const compressed = deflateRawSync(content);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(DEFLATED, 4);
    fields.writeUInt32LE(crc32(content), 10);
    fields.writeUInt32LE(compressed.length, 14);
    fields.writeUInt32LE(content.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const file = Buffer.concat([number(LOCAL), fields, Buffer.from(name), compressed]);
    const central = Buffer.concat([
        ...[number(CENTRAL), Buffer.from([20, 0]), fields, Buffer.alloc(14), Buffer.from(name)],
    ]);
    const end = Buffer.alloc(18);
    end.writeUInt16LE(1, 4);
    end.writeUInt16LE(1, 6);
    end.writeUInt32LE(central.length, 8);
    end.writeUInt32LE(file.length, 12);
    return Buffer.concat([file, central, number(END), end]);
}

/** The one file of an archive that `zipped` has made. */
export function unzipped(archive: Buffer): Buffer {
    if (archive.length < LOCAL_BYTES || archive.readUInt32LE(0) !== LOCAL)
        throw new Fatal("it is no archive");
    const size = archive.readUInt32LE(18);
    const begin = LOCAL_BYTES + archive.readUInt16LE(26) + archive.readUInt16LE(28);
    const content = inflateRawSync(archive.subarray(begin, begin + size));
    if (crc32(content) !== archive.readUInt32LE(14)) throw new Fatal("the archive is damaged");
    return content;
}

function number(value: number): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes;
}
