package io.sampo.actors.schedule;

import java.nio.ByteBuffer;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.WriteBuffer;
import org.h2.mvstore.type.BasicDataType;

/** How the index of due times is laid out in its file: numbers of variable length. */
final class DueTypes {
  private DueTypes() {}

  /** The order of delivery: by due time, then as they were sent. */
  record Key(long dueMs, long offset) {}

  /** Where the record of a message is, and the hash of its unique key. */
  record Place(long position, int sizeBytes, int keyHash) {}

  static final class KeyType extends BasicDataType<Key> {
    private static final int HEAP_BYTES = 36;

    @Override
    public int compare(Key left, Key right) {
      int byTime = Long.compare(left.dueMs, right.dueMs);
      return byTime != 0 ? byTime : Long.compare(left.offset, right.offset);
    }

    @Override
    public int getMemory(Key key) {
      return HEAP_BYTES;
    }

    @Override
    public void write(WriteBuffer out, Key key) {
      out.putVarLong(key.dueMs).putVarLong(key.offset);
    }

    @Override
    public Key read(ByteBuffer in) {
      return new Key(DataUtils.readVarLong(in), DataUtils.readVarLong(in));
    }

    @Override
    public Key[] createStorage(int size) {
      return new Key[size];
    }
  }

  static final class PlaceType extends BasicDataType<Place> {
    private static final int HEAP_BYTES = 36;

    @Override
    public int getMemory(Place place) {
      return HEAP_BYTES;
    }

    @Override
    public void write(WriteBuffer out, Place place) {
      out.putVarLong(place.position).putVarInt(place.sizeBytes).putInt(place.keyHash);
    }

    @Override
    public Place read(ByteBuffer in) {
      return new Place(DataUtils.readVarLong(in), DataUtils.readVarInt(in), in.getInt());
    }

    @Override
    public Place[] createStorage(int size) {
      return new Place[size];
    }
  }
}
