package io.sampo.cluster.protocol;

/**
 * Who a replica is: a disk, not a machine. A promise and an acknowledgement are worth what the disk
 * behind them remembers, so a node whose data directory was lost or replaced comes back under
 * another disk number. It is then nobody's voter until a membership record makes it one, and can't
 * vote against what its predecessor promised.
 *
 * @param node the name of the node
 * @param disk drawn when the replica's directory is made, never used again on this node
 */
public record ReplicaId(String node, long disk) implements Comparable<ReplicaId> {
  @Override
  public int compareTo(ReplicaId other) {
    int byNode = node.compareTo(other.node);
    return byNode != 0 ? byNode : Long.compare(disk, other.disk);
  }

  @Override
  public String toString() {
    return node + "/" + disk;
  }
}
