package io.sampo.cluster.placement;

import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.storage.recovery.ReplacedFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The file {@code replicas} in the data directory: which replica of which log group lies there, and
 * whether the node is to leave its cluster. It outlives the replicas, so that a node never takes an
 * empty folder for what had been in it: a replica that was discarded, or whose folder is gone,
 * stays known as that, and the next one gets another number. Replaced as a whole. One thread.
 */
public final class ReplicasFile {
  private static final String FILE_NAME = "replicas";
  private static final int MAGIC = 0x534D5052; // "SMPR"
  private static final int VERSION = 1;

  /** Whether the node stays in its cluster. */
  public enum Stay {
    /** It stays. */
    STAYS,
    /** It is to leave, and its replicas are moved elsewhere. */
    LEAVES,
    /** It has left, and nothing of its data is needed any more. */
    LEFT
  }

  /**
   * What is known of a replica.
   *
   * @param disk its number
   * @param discarded whether it is no more
   */
  record Entry(long disk, boolean discarded) {}

  private final ReplacedFile file;
  private SortedMap<String, Entry> entries;
  private Stay stay;

  private ReplicasFile(ReplacedFile file, SortedMap<String, Entry> entries, Stay stay) {
    this.file = file;
    this.entries = entries;
    this.stay = stay;
  }

  /** Reads the file; a node that has none yet has no replicas and stays. */
  public static ReplicasFile open(Path dataDirectory) throws IOException {
    ReplacedFile file = new ReplacedFile(dataDirectory.resolve(FILE_NAME), MAGIC, VERSION);
    ByteBuffer content = file.read();
    if (content == null) {
      return new ReplicasFile(file, new TreeMap<>(), Stay.STAYS);
    }
    byte[] bytes = new byte[content.remaining()];
    content.get(bytes);
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    Stay stay = Stay.valueOf(in.readUTF());
    SortedMap<String, Entry> entries = new TreeMap<>();
    int count = in.readInt();
    for (int i = 0; i < count; i++) {
      entries.put(in.readUTF(), new Entry(in.readLong(), in.readBoolean()));
    }
    return new ReplicasFile(file, entries, stay);
  }

  public Stay stay() {
    return stay;
  }

  @Nullable Entry entry(String logGroup) {
    return entries.get(logGroup);
  }

  /** The replicas that are there, by log group, as those of a node. */
  SortedMap<String, ReplicaId> replicas(String node) {
    SortedMap<String, ReplicaId> replicas = new TreeMap<>();
    entries.forEach(
        (logGroup, entry) -> {
          if (!entry.discarded()) {
            replicas.put(logGroup, new ReplicaId(node, entry.disk()));
          }
        });
    return replicas;
  }

  /** Notes a replica. Durable when this returns. */
  void put(String logGroup, Entry entry) throws IOException {
    SortedMap<String, Entry> next = new TreeMap<>(entries);
    next.put(logGroup, entry);
    write(next, stay);
  }

  /** Notes whether the node stays. Durable when this returns. */
  void stay(Stay next) throws IOException {
    write(entries, next);
  }

  private void write(SortedMap<String, Entry> nextEntries, Stay nextStay) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeUTF(nextStay.name());
    out.writeInt(nextEntries.size());
    for (Map.Entry<String, Entry> each : nextEntries.entrySet()) {
      out.writeUTF(each.getKey());
      out.writeLong(each.getValue().disk());
      out.writeBoolean(each.getValue().discarded());
    }
    file.write(ByteBuffer.wrap(bytes.toByteArray()));
    entries = nextEntries;
    stay = nextStay;
  }
}
