package io.sampo.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Collapsed stacks in, sums out. */
class StackProfileTest {
  @TempDir Path directory;

  @Test
  void addsUpByThreadByFrameOnTopAndByTheFrameOfOurOwnThatCausedIt() throws IOException {
    Path collapsed = directory.resolve("profile.collapsed");
    Files.writeString(
        collapsed,
        """
        [sampo-net-0-1 tid=17];java/lang/Thread.run;io/sampo/net/A.read;sys_read 30
        [sampo-net-0-2 tid=18];java/lang/Thread.run;io/sampo/net/A.read;io/sampo/net/B.parse 50
        [GC Thread#0 tid=3];G1::mark 20
        """);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    StackProfile.read(collapsed, "io/sampo/")
        .print(new PrintStream(bytes, true, StandardCharsets.UTF_8), 10, "µs of CPU", 5);

    assertThat(bytes.toString(StandardCharsets.UTF_8).replaceAll(" +", " "))
        .contains("100 samples, 10.00 µs of CPU per message")
        .contains(" 80.0 % 8.000 [sampo-net-N-N]")
        .contains(" 20.0 % 2.000 [GC Thread#N]")
        .contains(" 30.0 % 3.000 sys_read")
        .contains("by the deepest frame of our own")
        .contains(" 30.0 % 3.000 io/sampo/net/A.read")
        .contains(" 20.0 % 2.000 (none of our own)")
        .contains(" 80.0 % 8.000 io/sampo/net/A.read");
  }
}
