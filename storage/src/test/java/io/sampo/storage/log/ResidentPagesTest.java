package io.sampo.storage.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResidentPagesTest {
  private static final int LENGTH = 96 << 20;
  private static final int KEPT = 64 << 20;

  @TempDir Path directory;

  /** What of the file is mapped and present, in bytes, as the system sees it. */
  private static long residentBytes(Path file) throws IOException {
    Matcher mapping =
        Pattern.compile(Pattern.quote(file.toString()) + ".*?\\nRss: *(\\d+) kB", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("/proc/self/smaps")));
    assertThat(mapping.find()).isTrue();
    return Long.parseLong(mapping.group(1)) << 10;
  }

  @Test
  void pagesWellBehindTheEndAreGivenUpAndNothingIsLost() throws IOException {
    assumeTrue(NativeFiles.instance() != null, "not on a 64-bit Linux");
    try (LogDirectory opened = LogDirectory.open(directory)) {
      LogSegment segment = LogSegment.create(opened, 0, LENGTH, new LocalDisk(), LENGTH);
      SegmentList segments = new SegmentList(List.of(segment));
      ByteBuffer bytes = segment.writableView();
      for (int at = 0; at < LENGTH; at += 4096) {
        bytes.putInt(at, at);
      }
      assertThat(residentBytes(segment.path())).isEqualTo(LENGTH);

      new ResidentPages(segments, () -> KEPT).run();
      assertThat(residentBytes(segment.path())).as("nothing is far behind").isEqualTo(LENGTH);

      new ResidentPages(segments, () -> LENGTH).run();
      assertThat(residentBytes(segment.path())).isEqualTo(KEPT);
      for (int at = 0; at < LENGTH; at += 4096) {
        assertThat(bytes.getInt(at)).isEqualTo(at);
      }
      segments.close();
    }
  }
}
