package dev.freshet.cdc.buffer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Images copied out of pages of which little is still needed, densely packed into new ones. */
final class ImagePages {
  private static final int PAGE_BYTES = 1 << 18;

  private final List<byte[]> pages = new ArrayList<>();
  private byte[] page = new byte[0];
  private int end;
  private long bytes;

  /** Appends an image; returns its address, page number and offset. */
  long add(byte[] source, int from, int to) {
    int length = to - from;
    if (page.length - end < length) {
      beginPage(length);
    }
    System.arraycopy(source, from, page, end, length);
    long address = (long) (pages.size() - 1) << 32 | end;
    end += length;
    bytes += length;
    return address;
  }

  private void beginPage(int length) {
    trim();
    page = new byte[Math.max(length, PAGE_BYTES)];
    pages.add(page);
    end = 0;
  }

  private void trim() {
    if (end < page.length / 2) {
      pages.set(pages.size() - 1, Arrays.copyOf(page, end));
    }
  }

  /** The next image begins a page of its own, because it has another layout. */
  void separate() {
    trim();
    page = new byte[0];
    end = 0;
  }

  List<byte[]> pages() {
    return pages;
  }

  /** Bytes of images. */
  long bytes() {
    return bytes;
  }
}
