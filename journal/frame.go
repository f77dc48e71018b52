package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

const (
	frameVersion  = 0x01
	frameHead     = 1 + 8 + 8 + 2 + 4
	chainTag      = 0x01
	chainedPrefix = 1 + 32 // tag and chain before the frame in what is hashed
	storedSuffix  = 32 + 4 // chain and checksum after the frame in the store
	minFrame      = frameHead + 32
)

func frameSize(payload int) int { return minFrame + payload }

// EncodeFrame appends the canonical frame of r to b. The payload must not be longer
// than MaxPayload.
func EncodeFrame(b []byte, r Record) []byte {
	b = append(b, frameVersion)
	b = binary.BigEndian.AppendUint64(b, r.Seq)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Time))
	b = binary.BigEndian.AppendUint16(b, r.Kind)
	b = binary.BigEndian.AppendUint32(b, uint32(len(r.Payload)))
	b = append(b, r.Payload...)
	return append(b, r.Outcome[:]...)
}

// DecodeFrame reads one canonical frame that fills b. The payload of the record is a
// part of b, and its chain is zero.
func DecodeFrame(b []byte) (Record, error) {
	var r Record
	if err := r.decode(b); err != nil {
		return Record{}, err
	}
	return r, nil
}

// decode is DecodeFrame into r, which is whole only where there is no error.
func (r *Record) decode(b []byte) error {
	if len(b) < minFrame {
		return fmt.Errorf("a frame of %d bytes: the least is %d", len(b), minFrame)
	}
	if b[0] != frameVersion {
		return fmt.Errorf("a frame of version %d: this program reads version %d", b[0], frameVersion)
	}
	n := binary.BigEndian.Uint32(b[19:])
	if n > MaxPayload {
		return fmt.Errorf("a payload of %d bytes: the most is %d", n, MaxPayload)
	}
	if len(b) != frameSize(int(n)) {
		return fmt.Errorf("a frame of %d bytes for a payload of %d", len(b), n)
	}
	r.Seq = binary.BigEndian.Uint64(b[1:])
	r.Time = int64(binary.BigEndian.Uint64(b[9:]))
	r.Kind = binary.BigEndian.Uint16(b[17:])
	r.Payload = b[frameHead : frameHead+n]
	r.Outcome = [32]byte(b[frameHead+n:])
	r.Chain = [32]byte{}
	return nil
}

// ChainStart is Chain_0 of the log with this name.
func ChainStart(origin string) [32]byte { return chainStart(origin) }

// ChainNext is Chain_i, made of Chain_(i-1) and record i.
func ChainNext(before [32]byte, r Record) [32]byte {
	return chainSum(appendChained(make([]byte, 0, chainedPrefix+frameSize(len(r.Payload))), before, r))
}

func chainStart(origin string) [32]byte { return sha256.Sum256(formatHeader(origin)) }

// appendChained appends 0x01 || before || frame of r to b.
func appendChained(b []byte, before [32]byte, r Record) []byte {
	b = append(b, chainTag)
	b = append(b, before[:]...)
	return EncodeFrame(b, r)
}

func chainSum(chained []byte) [32]byte { return sha256.Sum256(chained) }

// castagnoli is CRC-32C, for which processors have an instruction.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errChecksum = errors.New("its checksum does not fit: the bytes are not those that were written")

// appendStored appends a record as a block has it.
func appendStored(b, frame []byte, chain [32]byte) []byte {
	from := len(b)
	b = append(append(b, frame...), chain[:]...)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b[from:], castagnoli))
}

// cutStored reads the first of what appendStored wrote into r, and gives what follows it. The frame, and
// with it the payload of the record, is a part of b.
func cutStored(b []byte, r *Record) (frame, rest []byte, err error) {
	if len(b) < minFrame+storedSuffix {
		return nil, nil, fmt.Errorf("%d bytes are stored: the least is %d", len(b), minFrame+storedSuffix)
	}
	size := frameSize(int(min(binary.BigEndian.Uint32(b[19:]), MaxPayload)))
	if len(b) < size+storedSuffix {
		return nil, nil, errChecksum // its length, or what it is the length of
	}
	sum := size + 32
	if binary.BigEndian.Uint32(b[sum:]) != crc32.Checksum(b[:sum], castagnoli) {
		return nil, nil, errChecksum
	}
	frame = b[:size]
	if err := r.decode(frame); err != nil {
		return nil, nil, err
	}
	r.Chain = [32]byte(b[size:])
	return frame, b[sum+4:], nil
}
