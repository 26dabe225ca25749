package io.sampo.cluster.journal;

import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.persistence.CapabilityFlag;
import org.apache.pekko.persistence.japi.snapshot.JavaSnapshotStoreSpec;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Pekko's own tests of what a snapshot store must do, on a real log. */
class LogSnapshotStoreTckTest {
  @TempDir private Path folder;

  @TestFactory
  Stream<DynamicTest> isASnapshotStore() {
    return ScalaTestRun.of(new Spec(folder));
  }

  private static final class Spec extends JavaSnapshotStoreSpec {
    Spec(Path folder) {
      // The kit's persistence ids name no log group.
      super(
          ConfigFactory.parseString("sampo.journal.default-log-group = broker-0")
              .withFallback(LedLog.config(folder)));
    }

    @Override
    public void beforeAll() {
      try {
        LedLog.start(Adapter.toTyped(system()), "broker-0");
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      super.beforeAll();
    }

    @Override
    public CapabilityFlag supportsSerialization() {
      return CapabilityFlag.on();
    }

    @Override
    public CapabilityFlag supportsMetadata() {
      return CapabilityFlag.on();
    }
  }
}
