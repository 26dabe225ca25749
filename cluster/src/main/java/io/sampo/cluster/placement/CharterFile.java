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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The file {@code charter} in the data directory: the newest {@link Charter} that the node heard
 * of, so that it knows its log groups when it starts. Replaced as a whole. One thread.
 */
public final class CharterFile {
  private static final String FILE_NAME = "charter";
  private static final int MAGIC = 0x534D5043; // "SMPC"
  private static final int VERSION = 1;

  private final ReplacedFile file;
  private Charter charter;

  private CharterFile(ReplacedFile file, Charter charter) {
    this.file = file;
    this.charter = charter;
  }

  /** Reads the file; a node that has none has heard of nothing since the founding. */
  public static CharterFile open(Path dataDirectory) throws IOException {
    ReplacedFile file = new ReplacedFile(dataDirectory.resolve(FILE_NAME), MAGIC, VERSION);
    ByteBuffer content = file.read();
    return new CharterFile(file, content == null ? Charter.EMPTY : decode(content));
  }

  public Charter charter() {
    return charter;
  }

  /** Takes over a newer charter. Durable when this returns. */
  void write(Charter newer) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeLong(newer.revision());
    out.writeInt(newer.opened().size());
    for (LogGroupPlan logGroup : newer.opened()) {
      out.writeUTF(logGroup.name());
      putReplicas(out, logGroup.voters());
      putReplicas(out, logGroup.learners());
    }
    out.writeInt(newer.removed().size());
    for (String node : new TreeSet<>(newer.removed())) {
      out.writeUTF(node);
    }
    CommonSettings settings = newer.settings();
    out.writeBoolean(settings != null);
    if (settings != null) {
      out.writeInt(settings.replicas());
      out.writeLong(settings.replaceAfterMs());
      out.writeBoolean(settings.growOnJoin());
      out.writeUTF(settings.acknowledge());
    }
    file.write(ByteBuffer.wrap(bytes.toByteArray()));
    charter = newer;
  }

  private static Charter decode(ByteBuffer content) throws IOException {
    byte[] bytes = new byte[content.remaining()];
    content.get(bytes);
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    long revision = in.readLong();
    List<LogGroupPlan> opened = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      opened.add(new LogGroupPlan(in.readUTF(), getReplicas(in), getReplicas(in)));
    }
    Set<String> removed = new HashSet<>();
    for (int left = in.readInt(); left > 0; left--) {
      removed.add(in.readUTF());
    }
    CommonSettings settings =
        in.readBoolean()
            ? new CommonSettings(in.readInt(), in.readLong(), in.readBoolean(), in.readUTF())
            : null;
    return new Charter(revision, opened, removed, settings);
  }

  private static void putReplicas(DataOutputStream out, List<ReplicaId> replicas)
      throws IOException {
    out.writeInt(replicas.size());
    for (ReplicaId replica : replicas) {
      out.writeUTF(replica.node());
      out.writeLong(replica.disk());
    }
  }

  private static List<ReplicaId> getReplicas(DataInputStream in) throws IOException {
    List<ReplicaId> replicas = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      replicas.add(new ReplicaId(in.readUTF(), in.readLong()));
    }
    return replicas;
  }
}
