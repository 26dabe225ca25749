package io.sampo.storage.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sampo.storage.log.CorruptLogException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplicaStateFileTest {
  @TempDir Path folder;

  @Test
  void aPromiseOutlivesTheProcess() throws IOException {
    ReplicaStateFile state = ReplicaStateFile.open(folder);
    assertThat(state.promisedEpoch()).isZero();
    state.promise(3);
    state.promise(Long.MAX_VALUE);
    assertThat(ReplicaStateFile.open(folder).promisedEpoch()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void thatTheLogIsRepairedOutlivesTheProcessUntilItIsDone() throws IOException {
    ReplicaStateFile state = ReplicaStateFile.open(folder);
    assertThat(state.isRepairing()).isFalse();
    state.write(5, true);
    state.promise(6); // is another matter
    assertThat(ReplicaStateFile.open(folder).isRepairing()).isTrue();
    assertThat(ReplicaStateFile.open(folder).promisedEpoch()).isEqualTo(6);
    state.write(6, false);
    assertThat(ReplicaStateFile.open(folder).isRepairing()).isFalse();
    assertThatThrownBy(() -> state.write(5, false)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aFileOfBeforeThereWasASecondReplicaIsRead() throws IOException {
    ReplacedFile file = new ReplacedFile(folder.resolve("promised"), 0x534D5052, 1);
    file.write(ByteBuffer.allocate(Long.BYTES).putLong(7).flip());
    ReplicaStateFile state = ReplicaStateFile.open(folder);
    assertThat(state.promisedEpoch()).isEqualTo(7);
    assertThat(state.isRepairing()).isFalse();
  }

  @Test
  void saysWhoseItIsAlsoAfterAPromise() throws IOException {
    assertThat(ReplicaStateFile.find(folder)).isNull();
    ReplicaStateFile.found(folder, -7);
    ReplicaStateFile.open(folder).write(3, true);
    ReplicaStateFile state = ReplicaStateFile.open(folder);
    assertThat(state.isOf(-7)).isTrue();
    assertThat(state.isOf(7)).isFalse();
    assertThat(state.promisedEpoch()).isEqualTo(3);
    assertThat(state.isRepairing()).isTrue();
  }

  @Test
  void aFileThatDoesNotSayWhoseItIsMayBeAnybodys() throws IOException {
    ReplicaStateFile.open(folder).write(3, true); // as before replicas were named in it
    assertThat(ReplicaStateFile.open(folder).isOf(7)).isTrue();
    assertThat(ReplicaStateFile.open(folder).isRepairing()).isTrue();
  }

  @Test
  void aPromiseNeverShrinks() throws IOException {
    ReplicaStateFile state = ReplicaStateFile.open(folder);
    state.promise(3);
    assertThatThrownBy(() -> state.promise(3)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> state.promise(2)).isInstanceOf(IllegalArgumentException.class);
    assertThat(ReplicaStateFile.open(folder).promisedEpoch()).isEqualTo(3);
  }

  @Test
  void aPromiseThatCannotBeWrittenIsNotGiven() throws IOException {
    ReplicaStateFile state = ReplicaStateFile.open(folder);
    state.promise(3);
    Files.createDirectory(folder.resolve("promised.new")); // in the way
    assertThatThrownBy(() -> state.promise(4)).isInstanceOf(IOException.class);
    assertThat(state.promisedEpoch()).isEqualTo(3);
    assertThat(ReplicaStateFile.open(folder).promisedEpoch()).isEqualTo(3);
  }

  @Test
  void aDamagedOrShortFileIsRefused() throws IOException {
    ReplicaStateFile.open(folder).promise(3);
    Path file = folder.resolve("promised");
    byte[] whole = Files.readAllBytes(file);
    for (int at = 0; at < whole.length; at++) {
      byte[] flipped = whole.clone();
      flipped[at] ^= 1;
      Files.write(file, flipped);
      assertThatThrownBy(() -> ReplicaStateFile.open(folder))
          .as("byte %d flipped", at)
          .isInstanceOf(CorruptLogException.class)
          .hasMessageContaining(file.toString());
      Files.write(file, Arrays.copyOf(whole, at));
      assertThatThrownBy(() -> ReplicaStateFile.open(folder))
          .as("cut to %d bytes", at)
          .isInstanceOf(CorruptLogException.class);
    }
  }

  @Test
  void whatACrashLeftAsideIsNotRead() throws IOException {
    ReplicaStateFile.open(folder).promise(3);
    Files.write(folder.resolve("promised.new"), new byte[5]);
    assertThat(ReplicaStateFile.open(folder).promisedEpoch()).isEqualTo(3);
  }

  @Test
  void theCheckpointGrowsUntilTheLogIsCut() throws IOException {
    FlushCheckpoint checkpoint = new FlushCheckpoint(folder);
    assertThat(checkpoint.read()).isZero();
    checkpoint.advanceTo(500);
    checkpoint.advanceTo(400);
    assertThat(new FlushCheckpoint(folder).read()).isEqualTo(500);
    checkpoint.setBackTo(600);
    assertThat(new FlushCheckpoint(folder).read()).isEqualTo(500);
    checkpoint.setBackTo(300);
    checkpoint.advanceTo(299);
    assertThat(new FlushCheckpoint(folder).read()).isEqualTo(300);
    Files.write(folder.resolve("flushed"), new byte[20]);
    assertThatThrownBy(() -> new FlushCheckpoint(folder).read())
        .isInstanceOf(CorruptLogException.class);
  }
}
