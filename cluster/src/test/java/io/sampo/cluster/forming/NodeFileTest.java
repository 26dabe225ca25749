package io.sampo.cluster.forming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sampo.cluster.placement.ClusterPlan;
import io.sampo.cluster.placement.LogGroupPlan;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.storage.log.CorruptLogException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeFileTest {
  @TempDir Path directory;

  @Test
  void aNodeKeepsItsNameAndItsDiskNumber() throws IOException {
    ReplicaId first = NodeFile.open(directory, "").replica();

    assertThat(NodeFile.open(directory, "").replica()).isEqualTo(first);
    assertThat(first.node()).startsWith("node-");
  }

  @Test
  void everyDirectoryIsAnotherDisk(@TempDir Path other) throws IOException {
    assertThat(NodeFile.open(directory, "a").replica().disk())
        .isNotEqualTo(NodeFile.open(other, "a").replica().disk());
  }

  @Test
  void theDirectoryOfAnotherNodeIsRefused() throws IOException {
    NodeFile.open(directory, "a");

    assertThatThrownBy(() -> NodeFile.open(directory, "b"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("belongs to the node a");
    assertThat(NodeFile.open(directory, "a").replica().node()).isEqualTo("a");
  }

  @Test
  void whatWasWrittenIsReadAgain() throws IOException {
    NodeFile file = NodeFile.open(directory, "a");
    ReplicaId b = new ReplicaId("b", -5);
    ClusterPlan plan =
        new ClusterPlan(
            "id",
            List.of(
                new LogGroupPlan("broker-0", List.of(file.replica(), b), List.of()),
                new LogGroupPlan("broker-1", List.of(b), List.of(file.replica()))));
    FoundingState state =
        new FoundingState(new Ballot(7, "b"), new Proposal(new Ballot(6, "a"), plan), plan);

    file.write(state);

    NodeFile read = NodeFile.open(directory, "");
    assertThat(read.state()).isEqualTo(state);
    assertThat(read.plan()).isEqualTo(plan);
  }

  @Test
  void aClusterOfOneNodeGrowsAndNeverShrinks() throws IOException {
    NodeFile file = NodeFile.open(directory, "a");
    ClusterPlan one = file.foundAlone(1);

    ClusterPlan three = file.foundAlone(3);

    assertThat(three.clusterId()).isEqualTo(one.clusterId());
    assertThat(three.logGroupNames()).containsExactly("broker-0", "broker-1", "broker-2");
    NodeFile read = NodeFile.open(directory, "");
    assertThat(read.foundAlone(1)).isEqualTo(three);
    assertThat(read.foundedLogGroups()).as("with how many it began").isEqualTo(1);
    read.foundAlone(4);
    assertThat(NodeFile.open(directory, "").foundedLogGroups()).isEqualTo(1);
  }

  @Test
  void aDamagedFileIsRefused() throws IOException {
    NodeFile.open(directory, "a").foundAlone(1);
    Path file = directory.resolve("node");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 3] ^= 1;
    Files.write(file, bytes);

    assertThatThrownBy(() -> NodeFile.open(directory, "a")).isInstanceOf(CorruptLogException.class);
  }
}
